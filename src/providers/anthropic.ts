import { developerToSystem, dropFields, useMaxTokens } from './bodyEdits.ts';
import { cite } from './cite.ts';
import { fitClaudeChat } from './claudeTurns.ts';
import { fitThinking } from './claudeThinking.ts';
import type { ProviderQuirk } from './quirk.ts';
import { keepProven } from './replay.ts';
import { messagesSurface, moreFields } from './surfaces.ts';

export const anthropic: ProviderQuirk = {
  name: 'anthropic',
  exactName: true,
  hosts: ['anthropic.com'],
  family: /\bclaude-/,
  reasoning: { arrives: 'as signed thinking blocks', source: 'providers.md, "Anthropic"' },
  wires: {
    'anthropic-messages': ({ model, own }) => ({
      features: { has: { hostedTools: own }, source: 'only Anthropic itself runs them' },
      surface: own
        ? { takes: 'everything', source: 'its own protocol' }
        : {
            takes: { ...moreFields(messagesSurface, 'output_config'), markFields: ['type', 'ttl'] },
            source: 'docs.claude.com, "Claude on Amazon Bedrock", "Claude on Vertex AI": not all betas',
          },
      replay: { policy: 'real', source: 'providers.md, "Anthropic"' },
      requests: [
        cite(
          '"Invalid `signature` in `thinking` block" (providers.md, "Anthropic")',
          keepProven('signature', 'redacted'),
        ),
      ],
      edits: [...fitThinking(model)],
      ...(own && { frames: { relayed: true, source: 'its own protocol' } }),
    }),
    'openai-chat': ({ model }) => ({
      edits: [
        cite('caution: as for an unknown provider', developerToSystem),
        cite('caution: as for an unknown provider', useMaxTokens),
        cite('caution: as for an unknown provider', dropFields('prompt_cache_key', 'verbosity', 'store')),
        ...fitClaudeChat(model),
      ],
    }),
  },
};
