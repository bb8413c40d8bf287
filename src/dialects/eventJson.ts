import { GatewayError } from '../canonical/errors.ts';
import type { JsonObject } from '../canonical/request.ts';
import { redact } from '../canonical/providerError.ts';

/** Characters. */
const quoteLength = 200;

/** The start of a text that a provider sent, quoted and redacted for an error message. */
export function quote(text: string): string {
  // More than is shown, so that a key at the end is recognised.
  const cleaned = redact(text.trim().slice(0, 4 * quoteLength));
  return JSON.stringify(cleaned.length > quoteLength ? `${cleaned.slice(0, quoteLength)}…` : cleaned);
}

/**
 * Handles JSON that is not an event of the API. At the very beginning it means another API, an error; later it is skipped with
 * a warning.
 */
export function refuseEvent({ json, problem, started, warn, fail }: StrangeEvent): undefined {
  const quoted = quote(JSON.stringify(json));
  if (started) warn?.(`${problem}, which was skipped: ${quoted}`);
  else fail(new GatewayError('protocol', `${problem}: ${quoted}`));
  return undefined;
}

type StrangeEvent = {
  json: JsonObject;
  problem: string;
  /** Whether an event of the API came before. */
  started: boolean;
  warn: ((message: string) => void) | undefined;
  fail(error: GatewayError): void;
};

/** What stands for no reason, as text (new-api#378), or for one of an answer that goes on. */
const noReason =
  /^(?:null|none|nil|undefined|false|unspecified|(?:finish|stop)_reason_unspecified|in_?progress|generating|streaming|running|pending|continue|not_finished|unfinished)?$/i;

/** Whether a finish or stop reason is present. */
export function isReason(reason: string | null | undefined): reason is string {
  return typeof reason === 'string' && !noReason.test(reason.trim());
}
