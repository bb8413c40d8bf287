import type { GatewayError } from '../canonical/errors.ts';
import { parseJson } from '../canonical/json.ts';
import { classifyProviderError, failureIn, type ErrorReading } from '../canonical/providerError.ts';
import type { JsonObject } from '../canonical/request.ts';
import { readRetryHeaders } from '../canonical/retryTime.ts';
import type { AttemptInput } from './attempt.ts';
import type { Clock } from './clock.ts';
import { readText } from './replySource.ts';
import type { UpstreamReply } from './upstream.ts';
import type { Watchdog } from './watchdog.ts';

/** What of an attempt bears on its errors. */
type Failing = Pick<AttemptInput, 'provider' | 'config' | 'scrub'>;

/** Longer error bodies are ignored. Bytes. */
const maxErrorBytes = 256 * 1024;

/** The error of a reply whose status is not 2xx. */
export async function statusError(
  reply: UpstreamReply,
  input: Failing,
  sent: JsonObject,
  watchdog: Watchdog,
  clock: Clock,
): Promise<GatewayError> {
  // Scrubbed before anything is truncated or extracted: part of a key is hard to recognise.
  const text = input.scrub(await readText(reply.body, watchdog.signal, maxErrorBytes).catch(() => ''));
  const reading = errorReading(input, sent, clock);
  const json = parseJson(text);
  const { status: statedStatus, message: said = unread(text), ...details } = failureIn(json ?? text, reading) ?? {};
  const status = `HTTP ${reply.status}`;
  // An error that is not JSON may come from a proxy, whose text says little without the status.
  const isBare = json === undefined && reply.status >= 500;
  const message = said === '' ? `${status} with an empty body.` : isBare ? `${status}: ${said}` : said;
  const retryAfterMs = reading.now && readRetryHeaders(reply.headers, reading.now());
  return classifyProviderError({ ...details, status: reply.status, statedStatus, message, retryAfterMs }, reading);
}

/** A body in which no error was found is shown as it is, unless it is an empty one. */
function unread(text: string): string {
  return /^[\s{}[\]]*$|^\s*null\s*$/.test(text) ? '' : text.trim();
}

/** How the errors of one attempt are classified. `sent` is the body that the provider got. */
export function errorReading({ provider, config }: Failing, sent: JsonObject, clock: Clock): ErrorReading {
  const now = config.honor_ratelimit_headers ? (): number => clock.now() : undefined;
  return { rules: provider.quirks.errors ?? [], now, sent };
}
