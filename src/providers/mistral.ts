import { createHash } from 'node:crypto';
import type { JsonObject } from '../canonical/request.ts';
import {
  developerToSystem,
  dropFields,
  dropOpenAiFields,
  editMessages,
  objectsIn,
  useMaxTokens,
  without,
  type BodyEdit,
} from './bodyEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** Mistral's API (providers.md, "Mistral"): "Extra inputs are not permitted", and call ids of one form alone. */
export const mistral: ProviderQuirk = {
  name: 'mistral',
  hosts: ['mistral.ai'],
  wires: {
    'openai-chat': () => ({
      replay: 'none',
      edits: [
        developerToSystem,
        useMaxTokens,
        dropOpenAiFields,
        dropFields('prompt_cache_key', 'stream_options', 'user'),
        mapEffort,
        shortenIds,
      ],
    }),
  },
};

/** High or none. */
const mapEffort: BodyEdit = (body) => {
  const effort = body['reasoning_effort'];
  if (typeof effort !== 'string') return body;
  const rest = without(body, 'reasoning_effort');
  return { ...rest, reasoning_effort: ['none', 'minimal', 'low'].includes(effort) ? 'none' : 'high' };
};

/** "Tool call id … must be a-z, A-Z, 0-9, with a length of 9." */
const shortenIds = editMessages((message) => {
  const id = message['tool_call_id'];
  if (typeof id === 'string') return { ...message, tool_call_id: shortId(id) };
  const calls = objectsIn(message['tool_calls']);
  return calls.length === 0 ? message : { ...message, tool_calls: calls.map(withShortId) };
});

function withShortId(call: JsonObject): JsonObject {
  return { ...call, id: shortId(String(call['id'])) };
}

/** The same for the same id. Nine hexadecimal digits: two calls of one conversation never share them by chance. */
function shortId(id: string): string {
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
}
