import type { Effort } from '../canonical/request.ts';
import { dropFields, objectsIn, useMaxCompletionTokens, without, type BodyChange, type BodyEdit } from './bodyEdits.ts';
import { capCallIds } from './callIds.ts';
import { nameFileUrls } from './chatFiles.ts';
import { cite } from './cite.ts';
import { fitEffort } from './effortEdits.ts';
import { isBelow } from './hosts.ts';
import { fitPairs } from './longValues.ts';
import type { ProviderQuirk, SchemaRule } from './quirk.ts';
import { keepProven } from './replay.ts';
import { dropForeignIds } from './responsesItems.ts';
import { capStops } from './samplingEdits.ts';
import { commonSchemaProfile } from './toolSchemas.ts';

const schemas: SchemaRule = {
  profile: commonSchemaProfile,
  source:
    "\"schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level\" (notion-mcp-server#340)",
};

/** OpenAI's own API, and Azure's copy of it. */
export const openai: ProviderQuirk = {
  name: 'openai',
  exactName: true,
  hosts: ['api.openai.com', 'openai.azure.com'],
  reasoning: {
    arrives: 'not at all (Chat Completions), or as encrypted items (Responses)',
    source: 'providers.md, "OpenAI"',
  },
  wires: {
    'openai-chat': ({ model, hostname }) => ({
      schemas,
      replay: { policy: 'none', source: 'providers.md, "OpenAI"' },
      ...(refusesEffortBesideTools(model) && isBelow(hostname, ['api.openai.com'])
        ? {
            toolTurns: cite('"Please use /v1/responses instead." (openai-openapi#541, litellm#34569)', {
              change: 'A request with tools goes to the Responses API at the same host.',
              protocol: 'openai-responses',
            }),
          }
        : {}),
      edits: [
        cite('"Unsupported parameter: \'max_tokens\'" (providers.md, "OpenAI")', useMaxCompletionTokens),
        cite('vercel/ai#5171', capCallIds),
        cite('platform.openai.com, "File inputs"', nameFileUrls),
        cite("\"The 'metadata' parameter is only allowed when 'store' is enabled.\" (OpenAI)", dropUnstored),
        cite(limits, fitPairs),
        cite('"Invalid \'stop\': array too long. Expected an array with maximum length 4" (OpenAI)', capStops(4)),
        cite('"Unrecognized request argument supplied: top_k" (one of Messages clients)', dropFields('top_k')),
        ...modelEdits(model),
        ...(isReasoningModel(model)
          ? [
              cite(
                "\"Unsupported parameter: 'stop'\" (smolagents#1662), 'presence_penalty' (nextai-translator#1781)",
                dropFields('stop', 'presence_penalty', 'frequency_penalty'),
              ),
            ]
          : []),
        ...toolsWithoutEffort(model),
      ],
      // Another server may use this name.
      ...(isBelow(hostname, openai.hosts ?? [])
        ? {
            think: {
              tags: 'none',
              source: 'there is none (providers.md, "OpenAI")',
            },
            frames: ownFrames,
          }
        : {}),
    }),
    'openai-responses': ({ model, hostname }) => ({
      schemas,
      ...(isBelow(hostname, openai.hosts ?? []) ? { frames: ownFrames } : {}),
      features: {
        has: { customTools: true, namespaces: true, hostedTools: true, compaction: true },
        source: 'platform.openai.com, "Responses"',
      },
      surface: { takes: 'everything', source: 'its own protocol' },
      replay: { policy: 'real', source: 'providers.md, "OpenAI"' },
      requests: [
        cite(
          '"Item with id \'rs_…\' not found" (bifrost#5410), `invalid_encrypted_content` (codex#8145)',
          keepProven('encrypted'),
        ),
      ],
      edits: [
        cite('"Unknown parameter: \'top_k\'." (one of Messages clients)', dropFields('top_k')),
        cite(foreignIds, dropForeignIds),
        cite(limits, fitPairs),
        ...modelEdits(model),
        ...(isPlainModel(model)
          ? [
              cite(
                '"Encrypted content is not supported with this model." (draive#399, pydantic-ai#3326)',
                plainReasoning,
              ),
            ]
          : []),
      ],
    }),
  },
};

const limits = '"Invalid type for \'metadata.n\': expected a string" (OpenAI); platform.openai.com, `metadata`';
const foreignIds =
  '"Expected an ID that begins with \'fc\'" (sub2api#3785, CodexPlusPlus#1796), "maximum length 64" (billion-context#244), `id: \'\'` (langchainjs#11044)';

const ownFrames = { relayed: 'frames', source: 'its own protocol' } as const;

const dropUnstored: BodyChange = {
  change: '`metadata` is left out unless the answer is stored.',
  edit: (body) => (body['store'] === true ? body : without(body, 'metadata')),
};

function isReasoningModel(model: string): boolean {
  return /^(o\d|gpt-[5-9])/.test(model) && !model.includes('chat');
}

/** One that surely does not reason; of a name that says nothing, as Azure's deployments have, nothing is known. */
function isPlainModel(model: string): boolean {
  return /^(chatgpt|gpt-[34]|gpt-5-chat)/.test(model);
}

/** What holds for a model on both wires. */
function modelEdits(model: string): BodyEdit[] {
  const efforts = effortsOf(model);
  return [
    ...(isReasoningModel(model) ? [cite('"Only the default (1)" (9router#560)', dropSampling)] : []),
    ...(efforts
      ? [
          cite(
            "\"'minimal' is not supported with the 'gpt-5.1' model\" (opencode#4451; models.dev#2351)",
            fitEffort(efforts),
          ),
        ]
      : []),
  ];
}

/** Undefined if unknown; empty if the parameter is refused. */
function effortsOf(model: string): readonly Effort[] | undefined {
  if (isPlainModel(model)) return [];
  if (/^o\d/.test(model)) return ['low', 'medium', 'high'];
  const version = /^gpt-([5-9])(?:\.(\d+))?/.exec(model);
  if (!version) return undefined;
  const number = Number(version[1]) * 100 + Number(version[2] ?? 0);
  if (model.includes('chat')) return ['medium'];
  if (model.includes('-pro')) return number === 500 ? ['high'] : ['medium', 'high', 'xhigh'];
  if (model.includes('codex')) return number < 502 && !model.includes('max') ? ['low', 'medium', 'high'] : codexEfforts;
  if (number === 500) return ['minimal', 'low', 'medium', 'high'];
  if (number === 501) return ['none', 'low', 'medium', 'high'];
  return ['none', ...codexEfforts, ...(number >= 506 ? (['max'] as const) : [])];
}

const codexEfforts = ['low', 'medium', 'high', 'xhigh'] as const;

const dropSampling: BodyChange = {
  change: '`temperature` and `top_p` are left out.',
  edit: (body) => without(body, 'temperature', 'top_p'),
};

const plainReasoning: BodyChange = {
  change: '`reasoning` and the request for encrypted reasoning are left out.',
  edit: (body) => {
    const { include } = body;
    const kept = Array.isArray(include) ? include.filter((each) => each !== 'reasoning.encrypted_content') : [];
    const rest = without(body, 'reasoning', 'include');
    return kept.length === 0 ? rest : { ...rest, include: kept };
  },
};

/** gpt-5.6 and later refuse even an absent effort. */
function refusesEffortBesideTools(model: string): 'given' | 'absent' | undefined {
  if (/^gpt-(5\.[6-9]|[6-9])/.test(model)) return 'absent';
  return /^gpt-5\.[45]/.test(model) ? 'given' : undefined;
}

/** At other hosts, where the Responses protocol, which has no such limit, may be missing. */
function toolsWithoutEffort(model: string): BodyEdit[] {
  switch (refusesEffortBesideTools(model)) {
    case 'absent':
      return [cite('litellm#34569: an absent one is refused too', effortForTools('becomes `none`', 'none'))];
    case 'given':
      return [
        cite(
          '"Function tools with reasoning_effort are not supported" (providers.md, "OpenAI")',
          effortForTools('is left out'),
        ),
      ];
    default:
      return [];
  }
}

function effortForTools(fate: string, effort?: 'none'): BodyChange {
  return {
    change: `Beside tools that stay on this protocol, \`reasoning_effort\` ${fate}.`,
    edit: (body) => {
      if (objectsIn(body['tools']).length === 0) return body;
      return effort === undefined ? without(body, 'reasoning_effort') : { ...body, reasoning_effort: effort };
    },
  };
}
