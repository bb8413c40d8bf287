import type { JsonObject } from '../canonical/request.ts';
import {
  developerToSystem,
  dropFields,
  dropOpenAiFields,
  isObject,
  objectsIn,
  useMaxTokens,
  type BodyEdit,
} from './bodyEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** Documented for histories that another model wrote. */
const anySignature = 'skip_thought_signature_validator';

/** Gemini's OpenAI surface (providers.md, "Gemini compat"): unknown fields are refused, and calls need a signature. */
export const gemini: ProviderQuirk = {
  name: 'gemini',
  aliases: ['google'],
  hosts: ['generativelanguage.googleapis.com'],
  wires: {
    'openai-chat': ({ own }) => ({
      replay: 'none',
      // "Unknown name "store": Cannot find field."
      edits: [
        developerToSystem,
        useMaxTokens,
        ...(own ? [dropOpenAiFields, dropFields('prompt_cache_key'), completeTools] : []),
      ],
    }),
  },
};

/**
 * The first call of each turn must carry a thought signature, and each result the name of its tool (hermes#19728).
 * A signature that the client kept stays.
 */
const completeTools: BodyEdit = (body) => {
  const messages: unknown = body['messages'];
  if (!Array.isArray(messages)) return body;
  const names = new Map<unknown, unknown>();
  return {
    ...body,
    messages: messages.map((message: unknown) => {
      if (!isObject(message)) return message;
      if (message['role'] === 'tool') return withName(message, names.get(message['tool_call_id']));
      const calls = objectsIn(message['tool_calls']);
      for (const call of calls)
        names.set(call['id'], isObject(call['function']) ? call['function']['name'] : undefined);
      return calls.length === 0 ? message : { ...message, tool_calls: calls.map(signFirst) };
    }),
  };
};

function withName(message: JsonObject, name: unknown): JsonObject {
  return name === undefined || 'name' in message ? message : { ...message, name };
}

function signFirst(call: JsonObject, index: number): JsonObject {
  if (index > 0 || 'extra_content' in call) return call;
  return { ...call, extra_content: { google: { thought_signature: anySignature } } };
}
