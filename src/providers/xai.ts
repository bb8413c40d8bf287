import type { Effort } from '../canonical/request.ts';
import { dropFields, useMaxTokens } from './bodyEdits.ts';
import { cite } from './cite.ts';
import { fitEffort } from './effortEdits.ts';
import type { ProviderQuirk, SchemaRule } from './quirk.ts';
import { keepProven } from './replay.ts';
import { fewerFields, moreFields, responsesSurface, strict } from './surfaces.ts';
import { commonSchemaProfile } from './toolSchemas.ts';
import { bareReasoning, liftTools, moveInstructions, ownTools } from './xaiEdits.ts';

const efforts = 'docs.x.ai, "The reasoning_effort parameter"; vercel/ai, packages/xai';
const schemas: SchemaRule = {
  profile: commonSchemaProfile,
  source: '"tool parameter root must be an object type" (cc-switch#6815), "unresolvable $ref" (cc-switch#7241)',
};

export const xai: ProviderQuirk = {
  name: 'xai',
  aliases: ['grok'],
  hosts: ['x.ai'],
  reasoning: {
    arrives: 'in `reasoning_content` (Chat Completions), or as encrypted items (Responses)',
    source: 'providers.md, "xAI"',
  },
  errors: [
    cite('seen in the wild, with 403 and 429', {
      change: '"used all available credits or reached its monthly spending limit" means an account without credit.',
      anywhere: true,
      words: [{ pattern: /\bused all available credits\b|\breached its monthly spending limit\b/i, kind: 'quota' }],
    }),
    cite('sub2api#4535, grok2api#689', {
      change: 'When it cannot decrypt reasoning or a compaction, the request is sent again without it.',
      anywhere: true,
      rejects: [
        {
          pattern: /\bcould not (decrypt|decode) the (provided encrypted_content|compaction blob)\b/i,
          what: 'proofs',
        },
      ],
    }),
  ],
  wires: {
    'openai-chat': ({ model }) => ({
      schemas,
      replay: { policy: 'none', source: 'docs.x.ai: Chat Completions cannot carry it' },
      edits: [
        cite('caution: all providers know the older name', useMaxTokens),
        cite(
          '"Model … does not support parameter presencePenalty." (NativeTavern#83), `stop` (smolagents#1766)',
          dropFields('frequency_penalty', 'presence_penalty', 'stop'),
        ),
        cite(efforts, fitEffort(effortsOf(model))),
      ],
    }),
    'openai-responses': ({ model }) => ({
      schemas,
      features: {
        has: { customTools: false, hostedTools: true },
        source: '"unknown variant `namespace`, expected one of `function`, …" (bifrost#5428)',
      },
      surface: {
        takes: {
          ...moreFields(
            fewerFields(strict(responsesSurface), 'metadata', 'truncation', 'max_tool_calls', 'service_tier'),
            'logprobs',
            'max_turns',
            'search_parameters',
          ),
          include: [
            'reasoning.encrypted_content', 'web_search_call.action.sources', 'code_interpreter_call.outputs',
            'file_search_call.results', 'inline_citations', 'no_inline_citations', 'verbose_streaming',
          ], // prettier-ignore
        },
        source: '"Argument not supported: …" (CodexHub#517); docs.x.ai, "Create new response"',
      },
      replay: { policy: 'real', source: 'docs.x.ai: `reasoning.encrypted_content`' },
      requests: [cite('"Could not decrypt the provided encrypted_content." (sub2api#4535)', keepProven('encrypted'))],
      edits: [
        cite('"Could not decode the compaction blob." (opencodex#2237, grok2api#689)', bareReasoning),
        cite('"data did not match any variant of untagged enum ModelInput" (sub2api#4237)', liftTools),
        cite('"Argument not supported: external_web_access" (CodexHub#517)', ownTools),
        cite('"Argument not supported: instructions and previous_response_id together" (vibecad#4)', moveInstructions),
        cite(efforts, fitEffort(effortsOf(model))),
      ],
    }),
  },
};

/** None where the model refuses the parameter. */
function effortsOf(model: string): readonly Effort[] {
  if (model.includes('multi-agent')) return ['low', 'medium', 'high', 'xhigh'];
  if (model.includes('grok-3-mini')) return ['low', 'high'];
  if (/grok-4\.3(?!\d)/.test(model)) return ['none', 'low', 'medium', 'high'];
  return /grok-(4\.[4-9](?!\d)|[5-9]|latest)/.test(model) ? ['low', 'medium', 'high'] : [];
}
