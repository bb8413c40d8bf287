import { isObject } from '../canonical/json.ts';
import type { Delta } from '../canonical/events.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropOpenAiFields, editFunctions, editMessages, markPrefill, objectsIn,
  softenToolChoice, thinkingIsOff, useMaxTokens, without, type BodyChange, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { countCalls } from './callIds.ts';
import { cite } from './cite.ts';
import { errorCodes } from './errorRules.ts';
import { rescueCalls } from './kimiCalls.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

const facts = 'providers.md, "Moonshot Kimi"';

/** Moonshot's API, and its open weights at others'. */
export const kimi: ProviderQuirk = {
  name: 'kimi',
  aliases: ['moonshot', 'moonshotai'],
  hosts: ['moonshot.ai', 'moonshot.cn', 'kimi.com'],
  family: /kimi|moonshot/,
  reasoning: {
    arrives: 'in `reasoning_content`; from open weights between `◁think▷` tokens',
    source: 'Kimi-VL#45; test/fixtures/providers/kimi-think-tokens.sse',
  },
  errors: [{ ...cite(facts, errorCodes({ quota: ['exceeded_current_quota_error'] })), anywhere: true }],
  wires: {
    'openai-chat': ({ model, own }) => ({
      replay: { policy: 'real', source: 'cc-switch 3.20.0: no placeholders, at Moonshot’s request' },
      edits: [
        cite('caution: `developer` is refused by many (9router#773)', developerToSystem),
        cite('caution: all providers know the older name', useMaxTokens),
        ...(own ? ownEdits(model) : []),
        cite('others make the model stop (openclaw#70030)', countCalls),
      ],
      deltas: [cite('llxprt-code#749, hermes-agent#24534', leakedCalls), ...(own ? [cite(facts, restoreNames)] : [])],
    }),
    'anthropic-messages': () => ({
      replay: { policy: 'real', source: 'cc-switch 3.20.0: no placeholders, at Moonshot’s request' },
      edits: [...plainMessages],
    }),
  },
};

function ownEdits(model: string): BodyEdit[] {
  return [
    cite('caution: only OpenAI uses it', dropOpenAiFields),
    cite(
      `"invalid temperature: only 1 is allowed for this model" (${facts})`,
      dropFields('temperature', 'top_p', 'top_k', 'frequency_penalty', 'presence_penalty'),
    ),
    cite("\"cannot specify both 'thinking' and 'reasoning_effort'\" (nanobot#3939)", mapEffort(model)),
    cite(
      facts,
      softenToolChoice('unless thinking is off', (body) => !thinkingIsOff(body)),
    ),
    cite('"not a valid moonshot flavored json schema" (kimi-cli#2531)', lowerTypeIntoAnyOf),
    cite(facts, renameTools),
    cite('platform.kimi.ai, "Partial Mode"', markPrefill('partial')),
  ];
}

function mapEffort(model: string): BodyChange {
  if (/k3(?!\.\d)/.test(model)) return effortOfK3;
  return /k2\.[56]/.test(model) ? effortStops : effortIgnored;
}

const effortOfK3: BodyChange = {
  change: '`reasoning_effort` becomes the nearest of `low`, `high` and `max`; `thinking` is left out.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    const asked = isEffort(effort) ? effort : thinkingIsOff(body) ? 'none' : undefined;
    const rest = without(body, 'thinking');
    return asked === undefined ? rest : { ...rest, reasoning_effort: nearestEffort(asked, ['low', 'high', 'max']) };
  },
};

const effortStops: BodyChange = {
  change: '`reasoning_effort` is left out; `none` turns thinking off.',
  edit: (body) => {
    const rest = without(body, 'reasoning_effort');
    return body['reasoning_effort'] === 'none' ? { ...rest, thinking: { type: 'disabled' } } : rest;
  },
};

const effortIgnored: BodyChange = {
  change: '`reasoning_effort` is left out; thinking can’t be turned off.',
  edit: (body) => {
    const rest = without(body, 'reasoning_effort');
    return thinkingIsOff(rest) ? without(rest, 'thinking') : rest;
  },
};

/** Such names travel with this before them. */
const digitPrefix = 'digit_';

function prefixed(holder: JsonObject): JsonObject {
  const { name } = holder;
  return typeof name === 'string' && /^\d/.test(name) ? { ...holder, name: digitPrefix + name } : holder;
}

const renameDeclared = editFunctions(prefixed);

const renameCalled = editMessages((message) => {
  const calls = objectsIn(message['tool_calls']);
  const renamed = calls.map((call) => {
    const called = call['function'];
    const edited = isObject(called) ? prefixed(called) : called;
    return edited === called ? call : { ...call, function: edited };
  });
  return renamed.every((call, index) => call === calls[index]) ? message : { ...message, tool_calls: renamed };
});

const renameTools: BodyChange = {
  change: 'A tool name that starts with a digit gets `digit_` before it.',
  edit: (body) => renameCalled(renameDeclared(body)),
};

const leakedCalls = {
  change: 'Tool calls that stand in the text or the reasoning as `<|tool_call_begin|>` tokens become calls.',
  stage: rescueCalls,
};

const restoreNames = {
  change: 'Calls of such tools get their own name back.',
  stage: (emit: (delta: Delta) => void) => ({
    push(delta: Delta): void {
      const prefixedName = delta.type === 'tool-delta' && delta.name !== undefined && /^digit_\d/.test(delta.name);
      emit(prefixedName ? { ...delta, name: delta.name?.slice(digitPrefix.length) } : delta);
    },
    end(): void {},
  }),
};

/** MCP tools are full of that. */
const lowerTypeIntoAnyOf: BodyChange = {
  change: 'In a tool’s schema, a `type` beside `anyOf` moves into each alternative.',
  edit: editFunctions((declared) => {
    const parameters = lowerTypes(declared['parameters']);
    return parameters === declared['parameters'] ? declared : { ...declared, parameters };
  }),
};

function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    const items = schema.map(lowerTypes);
    return items.every((item, index) => item === schema[index]) ? schema : items;
  }
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, lowerTypes(value)] as const);
  const lowered = entries.every(([key, value]) => value === schema[key]) ? schema : Object.fromEntries(entries);
  const { type, ...rest } = lowered;
  if (typeof type !== 'string' || !Array.isArray(rest['anyOf'])) return lowered;
  return {
    ...rest,
    anyOf: rest['anyOf'].map((each: unknown) => (isObject(each) && !('type' in each) ? { type, ...each } : each)),
  };
}
