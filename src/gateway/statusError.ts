import type { GatewayError } from '../canonical/errors.ts';
import { classifyProviderError, failureIn, type ErrorReading } from '../canonical/providerError.ts';
import type { JsonObject } from '../canonical/request.ts';
import { readRetryHeaders } from '../canonical/rateLimits.ts';
import type { AttemptInput } from './attempt.ts';
import type { Clock } from './clock.ts';
import { readBeginning } from './readBeginning.ts';
import type { UpstreamReply } from './upstream.ts';

/** The parts of an attempt that its errors depend on. */
type Failing = Pick<AttemptInput, 'provider' | 'config' | 'scrub'>;

/** How much of an error's body is read, and for how long: its status is known, and the message is usually at its beginning. */
const errorBodyLimits = { maxBytes: 256 * 1024, limitMs: 3000 };

/** The error of a reply whose status is not 2xx. The caller releases the connection. */
export async function statusError(
  reply: UpstreamReply,
  input: Failing,
  sent: JsonObject,
  clock: Clock,
): Promise<GatewayError> {
  // Scrubbed before anything is truncated or extracted: part of a key is hard to recognise.
  const text = input.scrub(await readBeginning(reply.body, errorBodyLimits, clock));
  const reading = errorReading(input, sent, clock);
  const { status: statedStatus, message: found = '', ...details } = failureIn(text, reading) ?? {};
  const said = shown(found === '' ? text : found);
  const status = `HTTP ${reply.status}`;
  // An error that is not JSON may come from a proxy, whose text says little without the status.
  const isBare = !/^\s*[[{"]/.test(text) && reply.status >= 500;
  const message = said === '' ? `${status} with an empty body.` : isBare ? `${status}: ${said}` : said;
  const retryAfterMs = reading.now && readRetryHeaders(reply.headers, reading.now());
  return classifyProviderError({ ...details, status: reply.status, statedStatus, message, retryAfterMs }, reading);
}

/** A body in which no words were found is shown as it is, unless it is an empty one. */
function shown(text: string): string {
  return /^[\s{}[\]]*$|^\s*null\s*$/.test(text) ? '' : text.trim();
}

/** How the errors of one attempt are classified. `sent` is the body that the provider got. */
export function errorReading({ provider, config }: Failing, sent: JsonObject, clock: Clock): ErrorReading {
  const now = config.honor_ratelimit_headers ? (): number => clock.now() : undefined;
  return { rules: provider.quirks.errors ?? [], now, sent };
}
