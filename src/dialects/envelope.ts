import { isObject, parseJson } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

/** Where gateways put the answer that they wrap: `{success: true, data: {…}}` (vscode-unify-chat-provider#71), Cloudflare's `result`. */
const wrappers = ['data', 'result', 'response'] as const;

/** What an answer has in one of the APIs, and an envelope does not. */
const marks = ['choices', 'output', 'content', 'type', 'object', 'delta'] as const;

/** The answer without the envelope, the list of one or the JSON text around it. Anything else stays as it is. */
export function unwrap(json: unknown): unknown {
  if (typeof json === 'string' && /^\s*[[{]/.test(json)) return unwrap(parseJson(json) ?? json);
  if (Array.isArray(json)) return json.length === 1 && isAnswer(json[0]) ? (json[0] as JsonObject) : json;
  if (!isObject(json) || isAnswer(json) || json['error'] || json['success'] === false) return json;
  const inside = wrappers.map((name) => json[name]).find(isAnswer);
  return inside ?? json;
}

function isAnswer(json: unknown): json is JsonObject {
  return isObject(json) && marks.some((mark) => json[mark] !== undefined && json[mark] !== null);
}
