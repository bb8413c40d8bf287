import type { NameRule } from '../canonical/fittingName.ts';
import { isObject } from '../canonical/json.ts';
import type { Effort, JsonObject } from '../canonical/request.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropMessageFields, dropOpenAiFields, editMessages, objectsIn, schemaToInstruction,
  useMaxTokens, without, type BodyChange, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { capCallIds } from './callIds.ts';
import { cite } from './cite.ts';
import { googleSchemas } from './googleSchema.ts';
import type { ProviderQuirk } from './quirk.ts';

/** Documented for histories that another model wrote. */
const anySignature = 'skip_thought_signature_validator';

const unknownField = '"Unknown name "store": Cannot find field." (providers.md, "Gemini compat")';
const thinkingPage = 'ai.google.dev, "OpenAI compatibility", Thinking';

/** "Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.) or dashes (-), with a maximum length of 64." */
const names: NameRule = { pattern: /^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/, length: 64 };

/** Gemini's OpenAI surface. */
export const gemini: ProviderQuirk = {
  name: 'gemini',
  aliases: ['google'],
  hosts: ['generativelanguage.googleapis.com'],
  family: /gemini/,
  reasoning: {
    arrives: 'as summaries in `<thought>` tags, which CCR asks for; calls and texts are signed',
    source: 'test/fixtures/providers/gemini-*.sse',
  },
  wires: {
    'openai-chat': ({ model, own }) => ({
      features: {
        has: { toolNames: names, parameterNames: names },
        source: '"Invalid function name. Must start with a letter or an underscore." (gemini-cli#7869, ccs#25)',
      },
      schemas: {
        profile: { rootUnions: false, references: 'none', mustBeTyped: false },
        source: 'Google’s own schemas have no references (ai.google.dev/api/caching#Schema)',
      },
      replay: { policy: 'extra-content', source: 'ai.google.dev, "Thought signatures"; noho/dayu-agent#45' },
      edits: [
        cite('caution: `developer` is refused by many (9router#773)', developerToSystem),
        cite('caution: all providers know the older name', useMaxTokens),
        ...(own ? ownEdits(model) : hostedEdits),
      ],
    }),
  },
};

const hostedEdits: BodyEdit[] = [
  cite('vercel/ai#5171', capCallIds),
  cite('caution: some refuse what they do not know', dropFields('prompt_cache_key', 'verbosity', 'store')),
];

function ownEdits(model: string): BodyEdit[] {
  return [
    cite(unknownField, dropOpenAiFields),
    cite(
      'caution: reported as unknown too',
      dropFields('prompt_cache_key', 'frequency_penalty', 'presence_penalty', 'top_k'),
    ),
    cite(unknownField, dropMessageFields('refusal', 'annotations', 'audio')),
    cite('"Value is not a string: null" for `stop`', dropNulls),
    cite('"contents is not specified" (discuss.ai.google.dev/t/50746)', askSomething),
    ...(/gemini-[12]\b/.test(model)
      ? [
          cite(
            '"Function calling with a response mime type: \'application/json\' is unsupported" (ai-manus#101)',
            formatOrTools,
          ),
        ]
      : []),
    cite('"Unknown name "const" at \'tools[0]…\'" (brave-search#12, kilocode#5333, litellm#14330)', googleSchemas),
    cite('hermes#19728', nameResults),
    cite('"Function call is missing a thought_signature" (providers.md, "Gemini compat")', signCalls),
    cite(thinkingPage, mapThinking(model)),
  ];
}

const dropNulls: BodyChange = {
  change: 'Fields that are null are left out.',
  edit: (body) => without(body, ...Object.keys(body).filter((name) => body[name] === null)),
};

const askSomething: BodyChange = {
  change: 'Where there is nothing but `system` messages, the last one becomes the user’s.',
  edit: (body) => {
    const messages = objectsIn(body['messages']);
    if (messages.length === 0 || messages.some(({ role }) => role !== 'system')) return body;
    return { ...body, messages: [...messages.slice(0, -1), { ...messages.at(-1), role: 'user' }] };
  },
};

const formatOrTools: BodyChange = {
  change: 'Beside tools, the JSON schema of an answer becomes an instruction alone.',
  edit: (body) => {
    const format = body['response_format'];
    if (!isObject(format) || format['type'] === 'text' || objectsIn(body['tools']).length === 0) return body;
    return without(schemaToInstruction.edit(body), 'response_format');
  },
};

const nameResults: BodyChange = {
  change: 'A tool result gets the name of its tool.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages)) return body;
    const names = new Map<unknown, unknown>();
    return {
      ...body,
      messages: messages.map((message: unknown) => {
        if (!isObject(message)) return message;
        if (message['role'] === 'tool') return withName(message, names.get(message['tool_call_id']));
        for (const call of objectsIn(message['tool_calls']))
          names.set(call['id'], isObject(call['function']) ? call['function']['name'] : undefined);
        return message;
      }),
    };
  },
};

function withName(message: JsonObject, name: unknown): JsonObject {
  return name === undefined || 'name' in message ? message : { ...message, name };
}

const signCalls: BodyChange = {
  change:
    'The first call of a turn whose thought signature is lost, or another model’s, gets the one that stands for any.',
  edit: editMessages((message) => {
    const calls = objectsIn(message['tool_calls']);
    return calls.length === 0 ? message : { ...message, tool_calls: calls.map(signFirst) };
  }),
};

function signFirst(call: JsonObject, index: number): JsonObject {
  if (index > 0 || 'extra_content' in call) return call;
  return { ...call, extra_content: { google: { thought_signature: anySignature } } };
}

/** `reasoning_effort` and a `thinking_config` exclude each other, and summaries can be had by the latter alone. */
function mapThinking(model: string): BodyChange {
  if (/gemini-2\.5/.test(model)) return model.includes('pro') ? budgetOfPro : budget;
  if (!/gemini-([3-9]|flash|pro)/.test(model)) return noThinking;
  if (/gemini-3-pro/.test(model)) return levelOfFirstPro;
  return model.includes('pro') ? levelOfPro : level;
}

const noThinking: BodyChange = {
  change: '`reasoning_effort` is left out: the model does not think.',
  edit: (body) => without(body, 'reasoning_effort'),
};

const level: BodyChange = {
  change:
    '`extra_body.google.thinking_config` asks for thoughts; `reasoning_effort` becomes its `thinking_level`: the nearest of `minimal`, `low`, `medium` and `high`, without thoughts for `none`.',
  edit: (body) =>
    withThinking(body, (effort) => ({ thinking_level: nearestEffort(effort, ['minimal', 'low', 'medium', 'high']) })),
};

const levelOfPro: BodyChange = {
  change:
    '`extra_body.google.thinking_config` asks for thoughts; `reasoning_effort` becomes its `thinking_level`: the nearest of `low`, `medium` and `high`, without thoughts for `none`.',
  edit: (body) => withThinking(body, (effort) => ({ thinking_level: nearestEffort(effort, steps) })),
};

const levelOfFirstPro: BodyChange = {
  change:
    '`extra_body.google.thinking_config` asks for thoughts; `reasoning_effort` becomes its `thinking_level`: the nearest of `low` and `high`, without thoughts for `none`.',
  edit: (body) => withThinking(body, (effort) => ({ thinking_level: nearestEffort(effort, ['low', 'high']) })),
};

const budget: BodyChange = {
  change:
    '`extra_body.google.thinking_config` asks for thoughts; `reasoning_effort` becomes its `thinking_budget` of 1024, 8192 or 24576 tokens, 0 for `none`.',
  edit: (body) =>
    withThinking(body, (effort) => ({
      thinking_budget: effort === 'none' ? 0 : budgets[nearestEffort(effort, steps)],
    })),
};

const budgetOfPro: BodyChange = {
  change:
    '`extra_body.google.thinking_config` asks for thoughts; `reasoning_effort` becomes its `thinking_budget` of 1024, 8192 or 24576 tokens, the least for `none`.',
  edit: (body) => withThinking(body, (effort) => ({ thinking_budget: budgets[nearestEffort(effort, steps)] })),
};

const steps = ['low', 'medium', 'high'] as const;
const budgets: Partial<Record<Effort, number>> = { low: 1024, medium: 8192, high: 24_576 };

/** A client's own `extra_body.google` stays as it is. */
function withThinking(body: JsonObject, settingOf: (effort: Effort) => JsonObject): JsonObject {
  const extra = isObject(body['extra_body']) ? body['extra_body'] : {};
  if ('google' in extra) return body;
  const effort = body['reasoning_effort'];
  const config = isEffort(effort)
    ? { include_thoughts: effort !== 'none', ...settingOf(effort) }
    : { include_thoughts: true };
  const rest = without(body, 'reasoning_effort');
  return { ...rest, extra_body: { ...extra, google: { thinking_config: config } } };
}
