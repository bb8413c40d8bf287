import type { Delta } from '../canonical/events.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { Stage } from '../canonical/stage.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropOpenAiFields, editFunctions, editMessages, isObject, objectsIn, softenToolChoice,
  thinkingIsOff, useMaxTokens, without, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { countCalls } from './callIds.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/**
 * Moonshot's API sends `reasoning_content`; open weights think between `◁think▷` tokens (Kimi-VL#45;
 * test/fixtures/providers/kimi-think-tokens.sse). Tool-call ids go back verbatim: others make the model stop (openclaw#70030), so
 * another model's are made to look like them.
 */
export const kimi: ProviderQuirk = {
  name: 'kimi',
  aliases: ['moonshot', 'moonshotai'],
  hosts: ['moonshot.ai', 'moonshot.cn', 'kimi.com'],
  family: /kimi|moonshot/,
  wires: {
    'openai-chat': ({ model, own }) => ({
      replay: 'real',
      edits: [
        developerToSystem,
        useMaxTokens,
        ...(own
          ? [
              dropOpenAiFields,
              // "invalid temperature: only 1 is allowed for this model" (providers.md, "Moonshot Kimi").
              dropFields('temperature', 'top_p', 'frequency_penalty', 'presence_penalty'),
              mapEffort(model),
              softenToolChoice((body) => !thinkingIsOff(body)),
              lowerTypeIntoAnyOf,
              ...renameTools,
            ]
          : []),
        countCalls,
      ],
      ...(own ? { deltas: restoreNames } : {}),
    }),
    'anthropic-messages': () => ({ replay: 'real', edits: [...plainMessages] }),
  },
};

/**
 * k3 has efforts and no `thinking`; k2.5 and k2.6 can stop thinking; the others always think. With both fields it says
 * "cannot specify both 'thinking' and 'reasoning_effort'" (nanobot#3939).
 */
function mapEffort(model: string): BodyEdit {
  return (body) => {
    const effort = body['reasoning_effort'];
    const known = isEffort(effort) ? effort : undefined;
    if (/k3(?!\.\d)/.test(model)) {
      const asked = known ?? (thinkingIsOff(body) ? 'none' : undefined);
      const rest = without(body, 'thinking');
      return asked === undefined ? rest : { ...rest, reasoning_effort: nearestEffort(asked, ['low', 'high', 'max']) };
    }
    const rest = without(body, 'reasoning_effort');
    if (!/k2\.[56]/.test(model)) return thinkingIsOff(rest) ? without(rest, 'thinking') : rest;
    return known === 'none' ? { ...rest, thinking: { type: 'disabled' } } : rest;
  };
}

/** Tool names may not start with a digit (providers.md, "Moonshot Kimi"), so such names travel with this before them. */
const digitPrefix = 'digit_';

function prefixed(holder: JsonObject): JsonObject {
  const { name } = holder;
  return typeof name === 'string' && /^\d/.test(name) ? { ...holder, name: digitPrefix + name } : holder;
}

const renameTools: BodyEdit[] = [
  editFunctions(prefixed),
  editMessages((message) => {
    const calls = objectsIn(message['tool_calls']);
    const renamed = calls.map((call) => {
      const called = call['function'];
      const edited = isObject(called) ? prefixed(called) : called;
      return edited === called ? call : { ...call, function: edited };
    });
    return renamed.every((call, index) => call === calls[index]) ? message : { ...message, tool_calls: renamed };
  }),
];

const restoreNames: Stage<Delta, Delta> = (emit) => ({
  push(delta) {
    const prefixedName = delta.type === 'tool-delta' && delta.name !== undefined && /^digit_\d/.test(delta.name);
    emit(prefixedName ? { ...delta, name: delta.name?.slice(digitPrefix.length) } : delta);
  },
  end() {},
});

/**
 * "not a valid moonshot flavored json schema": beside `anyOf` the type belongs into each alternative, not above them
 * (kimi-cli#2531). MCP tools are full of that.
 */
const lowerTypeIntoAnyOf = editFunctions((declared) => {
  const parameters = lowerTypes(declared['parameters']);
  return parameters === declared['parameters'] ? declared : { ...declared, parameters };
});

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
