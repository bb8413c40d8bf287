import type { JsonObject } from '../../canonical/request.ts';
import { digest } from '../../reasoning/turnHash.ts';

/** OpenAI: "Invalid 'input[5].call_id': string too long. Expected a string with maximum length 64" (orchidfiles/ungate#41). */
const maxLength = 64;

/** Shortens an id deterministically, so that a call and its output still match. */
export function wireCallId(id: string): string {
  return id.length <= maxLength ? id : `call_${digest(id)}`;
}

/** A client's item with a call id that every provider accepts. */
export function withWireCallId(json: JsonObject): JsonObject {
  const id = json['call_id'];
  return typeof id === 'string' && id.length > maxLength ? { ...json, call_id: wireCallId(id) } : json;
}
