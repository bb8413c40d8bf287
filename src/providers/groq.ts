import { developerToSystem, dropFields, useMaxTokens } from './bodyEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** "property 'reasoning_content' is unsupported" (jan#8136). */
export const groq: ProviderQuirk = {
  name: 'groq',
  hosts: ['groq.com'],
  wires: {
    'openai-chat': () => ({
      replay: 'none',
      edits: [developerToSystem, useMaxTokens, dropFields('prompt_cache_key', 'verbosity', 'store')],
    }),
  },
};
