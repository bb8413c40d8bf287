import { redact } from '../canonical/providerError.ts';

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

/** Whether a finish or stop reason is one: some providers write the text "null" where there is none (new-api#378). */
export function isReason(reason: string | null | undefined): reason is string {
  return typeof reason === 'string' && !/^(?:null|none|undefined)?$/i.test(reason.trim());
}
