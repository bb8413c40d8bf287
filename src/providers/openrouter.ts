import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import { developerToSystem, without, type BodyChange, type BodyEdit } from './bodyEdits.ts';
import { claudeParameterNames } from './anthropic.ts';
import { keepFourMarks, markForCache } from './cacheMarks.ts';
import { capCallIds } from './callIds.ts';
import { cite } from './cite.ts';
import { fitClaudeChat } from './claudeTurns.ts';
import { googleNames } from './gemini.ts';
import { plainMessages } from './messagesEdits.ts';
import { fitCacheTimes } from './messagesLimits.ts';
import type { ProviderQuirk, WireQuirks } from './quirk.ts';
import { messagesSurface, moreFields, responsesSurface } from './surfaces.ts';

/** Publisher and name from package.json, which form the extension's id in the Marketplace. A test compares them. */
export const extension = { publisher: 'ccr', name: 'ccr-vscode' } as const;

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;

/** On every surface, beside those of the protocol. */
const ownFields = ['provider', 'models', 'plugins', 'route', 'session_id', 'trace', 'user'] as const;

/** The format in which MiniMax's own API marks its details, which OpenRouter does not know. */
const foreignFormat = /^minimax-/i;

export const openrouter: ProviderQuirk = {
  name: 'openrouter',
  hosts: ['openrouter.ai'],
  reasoning: {
    arrives: 'in `reasoning` and `reasoning_details`',
    source: 'test/fixtures/providers/openrouter-reasoning-details.sse',
  },
  headers: cite('openrouter.ai/docs, "App attribution"', {
    change:
      'The headers `HTTP-Referer`, `X-Title` and `X-OpenRouter-Title` identify CCR; `extra_headers` override them.',
    values: {
      'HTTP-Referer': `https://marketplace.visualstudio.com/items?itemName=${extension.publisher}.${extension.name}`,
      'X-Title': extension.name,
      'X-OpenRouter-Title': extension.name,
    },
  }),
  wires: {
    'openai-chat': ({ model, options }) => ({
      ...parameterNames(model),
      replay: {
        policy: 'details',
        source: 'a signature that is lost makes the next turn fail (agno#5802)',
        form: {
          isOwn: ({ format }) => typeof format !== 'string' || !foreignFormat.test(format),
          // docs, "Preserving reasoning": `reasoning` is the plain form of `reasoning_details`.
          fromText: (text) => ({ reasoning: text }),
        },
      },
      edits: [
        cite('caution: it passes the role on to providers that refuse it (9router#773)', developerToSystem),
        cite('vercel/ai#5171', capCallIds),
        cite('openrouter.ai/docs, "Reasoning tokens"', nameEffort),
        ...(alwaysReasons(model)
          ? [cite('"Reasoning is mandatory for this endpoint" (claude-code-router#1215, rakazo#114)', keepReasoning)]
          : []),
        ...(model.includes('claude')
          ? [
              cite('openrouter.ai/docs, "Prompt caching"; goclaw#1042', markForCache),
              cite('"A maximum of 4 blocks with cache_control may be provided." (Anthropic)', keepFourMarks),
              cite("\"a ttl='1h' cache_control block must not come after a ttl='5m'\" (headroom#2939)", fitCacheTimes),
              ...fitClaudeChat(model),
            ]
          : []),
        ...addOptions(options),
      ],
    }),
    'openai-responses': ({ model, options }) => ({
      ...parameterNames(model),
      surface: {
        takes: {
          ...moreFields(
            responsesSurface,
            ...ownFields,
            'top_k',
            'service_tier',
            'safety_identifier',
            ...Object.keys(options),
          ),
          textFields: ['format', 'verbosity'],
        },
        source: 'openrouter.ai/docs, "Create a response"',
      },
      edits: addOptions(options),
    }),
    'anthropic-messages': ({ model, options }) => ({
      ...parameterNames(model),
      keyHeader: cite('openrouter.ai/docs: on every surface', {
        change: 'The key is sent as a bearer token.',
        name: 'authorization',
      }),
      surface: {
        takes: {
          ...moreFields(messagesSurface, ...ownFields, 'output_config', 'service_tier', ...Object.keys(options)),
          markFields: ['type', 'ttl'],
        },
        source: 'openrouter.ai/docs, "Create a message"',
      },
      edits: [...plainMessages, ...addOptions(options)],
    }),
  },
};

/** It passes the schemas on to Anthropic, Bedrock, Google and Vertex. */
function parameterNames(model: string): Pick<WireQuirks, 'features'> {
  const rule = model.includes('claude') ? claudeParameterNames : model.includes('gemini') ? googleNames : undefined;
  return rule ? { features: { has: { parameterNames: rule }, source: 'as at the maker of the model' } } : {};
}

const nameEffort: BodyChange = {
  change:
    '`reasoning_effort` becomes `reasoning.effort`, up to `xhigh`. A `reasoning` object from the client, with an effort or a budget, takes precedence.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    if (!isEffort(effort)) return body;
    const given = isObject(body['reasoning']) ? body['reasoning'] : {};
    // "Only one of "reasoning.effort" and "reasoning.max_tokens" can be specified" (amx#66).
    const asked = 'max_tokens' in given ? {} : { effort: nearestEffort(effort, efforts) };
    return { ...without(body, 'reasoning_effort'), reasoning: { ...asked, ...given } };
  },
};

/** The best-known models. For others, CCR learns it from the error. */
function alwaysReasons(model: string): boolean {
  return /minimax|\bstep-|gemini-3|deepseek-r1/.test(model);
}

const keepReasoning: BodyChange = {
  change: 'Reasoning is not turned off.',
  edit: (body) => {
    const { reasoning } = body;
    if (!isObject(reasoning)) return body;
    const off = [
      ...(reasoning['effort'] === 'none' ? ['effort'] : []),
      ...(reasoning['enabled'] === false ? ['enabled'] : []),
    ];
    if (off.length === 0) return body;
    const kept = without(reasoning, ...off);
    return Object.keys(kept).length === 0 ? without(body, 'reasoning') : { ...body, reasoning: kept };
  },
};

/** `["openrouter", { "provider": { "only": [...] } }]`. */
function addOptions(options: JsonObject): BodyEdit[] {
  if (Object.keys(options).length === 0) return [];
  return [
    cite('claude-code-router’s config files', {
      change: 'The options of the transformer are added to each request as parameters, unless it already has them.',
      edit: (body) => ({ ...options, ...body }),
    }),
  ];
}
