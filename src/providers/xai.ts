import { dropFields, useMaxTokens } from './bodyEdits.ts';
import type { ProviderQuirk } from './quirk.ts';
import { keepProven } from './replay.ts';

/** xAI (providers.md): penalties and `stop` refused in chat; no custom tools on Responses. */
export const xai: ProviderQuirk = {
  name: 'xai',
  aliases: ['grok'],
  hosts: ['x.ai'],
  wires: {
    'openai-chat': () => ({
      replay: 'none',
      edits: [useMaxTokens, dropFields('frequency_penalty', 'presence_penalty', 'stop')],
    }),
    'openai-responses': () => ({
      features: { customTools: false, hostedTools: true },
      replay: 'real',
      request: keepProven('encrypted'),
    }),
  },
};
