import { redact } from '../canonical/providerError.ts';

/** Some providers name the event only in its `event:` line. */
export function withType(json: unknown, type: string | undefined): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || 'type' in json) return json;
  return { ...json, type };
}

/** Characters. */
const quoteLength = 200;

/** The beginning of what a provider sent, for an error that shows it. */
export function quote(text: string): string {
  const cleaned = redact(text.trim());
  return JSON.stringify(cleaned.length > quoteLength ? `${cleaned.slice(0, quoteLength)}…` : cleaned);
}
