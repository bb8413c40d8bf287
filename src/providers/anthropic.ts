import { developerToSystem, dropFields, useMaxTokens } from './bodyEdits.ts';
import { fitThinking } from './claudeThinking.ts';
import type { ProviderQuirk } from './quirk.ts';
import { keepProven } from './replay.ts';

/**
 * Anthropic's API, and its models at whoever's host. Only Anthropic itself runs its hosted tools; thinking that it did not
 * sign is refused (providers.md, "Anthropic").
 */
export const anthropic: ProviderQuirk = {
  name: 'anthropic',
  exactName: true,
  hosts: ['anthropic.com'],
  family: /\bclaude-/,
  wires: {
    'anthropic-messages': ({ model, own }) => ({
      features: { hostedTools: own },
      replay: 'real',
      request: keepProven('signature', 'redacted'),
      edits: [fitThinking(model)],
    }),
    // As for a chat provider that nobody knows.
    'openai-chat': () => ({
      edits: [developerToSystem, useMaxTokens, dropFields('prompt_cache_key', 'verbosity', 'store')],
    }),
  },
};
