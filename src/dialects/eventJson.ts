import { isObject, parseJson } from '../canonical/json.ts';
import { redact } from '../canonical/providerError.ts';
import type { JsonObject } from '../canonical/request.ts';

/** Adds the type from the `event:` line to an event without one: some providers name the event only there. */
export function withType(json: unknown, type: string | undefined): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || 'type' in json) return json;
  return { ...json, type };
}

/** Characters. */
const quoteLength = 200;

/** The start of a text that a provider sent, quoted and redacted for an error message. */
export function quote(text: string): string {
  const cleaned = redact(text.trim());
  return JSON.stringify(cleaned.length > quoteLength ? `${cleaned.slice(0, quoteLength)}…` : cleaned);
}

/** Parses an event's JSON once and applies the provider's edit; undefined if it is not JSON. */
export function parseEvent(text: string, editJson: ((json: JsonObject) => JsonObject) | undefined): unknown {
  const json = parseJson(text);
  return editJson && isObject(json) ? editJson(json) : json;
}
