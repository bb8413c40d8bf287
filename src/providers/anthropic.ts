import type { NameRule } from '../canonical/fittingName.ts';
import { developerToSystem, dropFields, useMaxTokens } from './bodyEdits.ts';
import { cite } from './cite.ts';
import { fitClaudeChat } from './claudeTurns.ts';
import { fitThinking } from './claudeThinking.ts';
import { onlyUserId } from './longValues.ts';
import type { ProviderQuirk, SchemaRule } from './quirk.ts';
import { keepProven } from './replay.ts';
import { messagesSurface, moreFields } from './surfaces.ts';
import { commonSchemaProfile } from './toolSchemas.ts';

const schemas: SchemaRule = {
  profile: commonSchemaProfile,
  source:
    '"input_schema does not support oneOf, allOf, or anyOf at the top level" (codebase-memory-mcp#1524), "must match JSON Schema draft 2020-12" (opencode#2082)',
};

/** Anthropic itself takes Claude Code's own tools, whose patterns others refuse (Claude Code 2.1.265). */
const ownSchemas: SchemaRule = { ...schemas, profile: { ...schemas.profile, anyPattern: true } };

/** "Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'" (claude-code#79418). */
export const claudeParameterNames: NameRule = { pattern: /^[a-zA-Z0-9_.-]{1,64}$/, length: 64 };

export const anthropic: ProviderQuirk = {
  name: 'anthropic',
  exactName: true,
  hosts: ['anthropic.com'],
  family: /\bclaude-/,
  reasoning: { arrives: 'as signed thinking blocks', source: 'providers.md, "Anthropic"' },
  wires: {
    'anthropic-messages': ({ model, own }) => ({
      features: {
        has: { hostedTools: own, parameterNames: claudeParameterNames },
        source: 'only Anthropic itself runs hosted tools; "Property keys should match pattern" (claude-code#79418)',
      },
      schemas: own ? ownSchemas : schemas,
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
      edits: [
        ...fitThinking(model),
        ...(own ? [cite('"metadata: Extra inputs are not permitted" (Anthropic)', onlyUserId)] : []),
      ],
      ...(own && { frames: { relayed: 'frames', source: 'its own protocol' } }),
    }),
    'openai-chat': ({ model }) => ({
      features: {
        has: { parameterNames: claudeParameterNames },
        source: '"Property keys should match pattern" (claude-code#79418)',
      },
      schemas,
      edits: [
        cite('caution: as for an unknown provider', developerToSystem),
        cite('caution: as for an unknown provider', useMaxTokens),
        cite('caution: as for an unknown provider', dropFields('prompt_cache_key', 'verbosity', 'store')),
        ...fitClaudeChat(model),
      ],
    }),
  },
};
