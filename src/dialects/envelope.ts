import { isObject, parseJson } from '../canonical/json.ts';
import { isErrorBody } from '../canonical/providerErrorBody.ts';
import type { JsonObject } from '../canonical/request.ts';

/** Where gateways put the answer that they wrap: `{success: true, data: {…}}` (vscode-unify-chat-provider#71), Cloudflare's `result`. */
const wrappers = ['data', 'result', 'response'] as const;

/** What an answer has in one of the APIs. */
const contents = ['choices', 'output', 'content', 'delta'] as const;

/** What else an answer has that has no envelope. Errors and much else have these too. */
const marks = [...contents, 'type', 'object'] as const;

/** The events of a stream that may have no content. */
const eventType = /^(?:message|content_block|response|error)(?:[_.]|$)/;

/** The answer without the envelope, the list of one or the JSON text around it. Anything else stays as it is. */
export function unwrap(json: unknown): unknown {
  if (typeof json === 'string' && /^\s*[[{]/.test(json)) return unwrap(parseJson(json) ?? json);
  if (Array.isArray(json)) return json.length === 1 && isAnswer(json[0]) ? (json[0] as JsonObject) : json;
  if (!isObject(json) || isAnswer(json) || json['error'] || json['success'] === false) return json;
  const inside = wrappers.map((name) => json[name]).find(isInside);
  // What is around an error says more of it than what is within; but codes of success are many, and an answer is one.
  return inside && (hasItems(inside) || !isErrorBody(json)) ? inside : json;
}

function isAnswer(json: unknown): json is JsonObject {
  return isObject(json) && hasAny(json, marks);
}

function isInside(json: unknown): json is JsonObject {
  if (!isObject(json)) return false;
  const { type } = json;
  return hasAny(json, contents) || (typeof type === 'string' && eventType.test(type));
}

function hasAny(json: JsonObject, names: readonly string[]): boolean {
  for (const name of names) if (json[name] !== undefined && json[name] !== null) return true;
  return false;
}

function hasItems(json: JsonObject): boolean {
  return contents.some((mark) => Array.isArray(json[mark]) && json[mark].length > 0);
}
