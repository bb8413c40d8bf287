import { GatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { restoreTools } from '../canonical/flattenTools.ts';
import { classifyProviderError, readProviderErrorBody } from '../canonical/providerError.ts';
import type { ChatRequest } from '../canonical/request.ts';
import { providerKeys } from '../config/providers.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from './clock.ts';
import { deltaStages, readText, streamSource, wholeSource, type Batch, type ReplySource } from './replySource.ts';
import type { Upstream, UpstreamReply } from './upstream.ts';
import { startWatchdog, type Limits, type Watchdog } from './watchdog.ts';
import { writeWireRequest } from './wireRequest.ts';

export type AttemptInput = {
  request: ChatRequest;
  /** Whether the provider is asked to stream; the client's own wish is in `request`. */
  stream: boolean;
  /** `provider,model`, for errors. */
  target: string;
  model: string;
  config: ProviderConfig;
  provider: Provider;
  dialect: Dialect;
  limits: Limits;
  /** Headers of the client that a relay passes on. */
  passedHeaders: Record<string, string>;
  /** The client is gone, or the gateway stops. */
  signal: AbortSignal;
  warn(message: string): void;
};

export type AttemptTools = { upstream: Upstream; clock: Clock };

/** An answer whose first content has come. */
export type OpenReply = ReplySource & {
  /** Whether `frames` (or `json`) may go to a client of the provider's dialect as they are. */
  untouched: boolean;
  /** The provider's whole reply, if it did not stream. */
  json?: unknown;
};

/** The longest error body that is read. Bytes. */
const maxErrorBytes = 256 * 1024;

/**
 * Asks one target once, and resolves when its first content has come: until then the client has seen nothing, so any
 * failure may be tried again elsewhere.
 * @throws GatewayError of any kind; the signal's reason when the client has gone.
 */
export async function attempt(input: AttemptInput, { upstream, clock }: AttemptTools): Promise<OpenReply> {
  const wire = writeWireRequest({ ...input.request, stream: input.stream }, input.dialect, input.provider, input.model);
  if (wire.dropped.length > 0) {
    input.warn(`${input.target} has no hosted tools: ${wire.dropped.join(', ')} left out of the request.`);
  }
  const watchdog = startWatchdog(clock, input.limits, input.target, input.signal);
  try {
    const reply = await upstream.send({
      url: endpointUrl(input.config.api_base_url, input.dialect.path),
      headers: {
        ...requestHeaders(input.config),
        ...input.provider.quirks.headers,
        ...(wire.relay ? input.passedHeaders : {}),
        ...input.config.extra_headers,
      },
      body: JSON.stringify(wire.body),
      signal: watchdog.signal,
    });
    if (reply.status < 200 || reply.status > 299)
      throw await statusError(reply, watchdog, clock, input.config.honor_ratelimit_headers);
    const restore = restoreTools(wire.request, input.provider.features);
    const opened = await openReply(reply, input, watchdog, clock);
    const untouched = wire.relay && !input.provider.quirks.deltas && !restore;
    return { ...(await untilContent({ ...opened, untouched }, watchdog, restore)) };
  } catch (thrown) {
    // Whatever the provider still has to say is of no use: its connection must not wait for somebody to read it.
    watchdog.release();
    throw thrown;
  }
}

/** A base URL or a full endpoint: both work. */
export function endpointUrl(baseUrl: string, path: string): string {
  const url = new URL(baseUrl);
  const trimmed = url.pathname.replace(/\/+$/, '');
  url.pathname = trimmed.endsWith(path) ? trimmed : trimmed + path;
  return url.href;
}

function requestHeaders(config: ProviderConfig): Record<string, string> {
  const [key] = providerKeys(config);
  const name = config.auth_header?.toLowerCase() ?? 'authorization';
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(key ? { [name]: name === 'authorization' ? `Bearer ${key}` : key } : {}),
  };
}

async function openReply(
  reply: UpstreamReply,
  input: AttemptInput,
  watchdog: Watchdog,
  clock: Clock,
): Promise<ReplySource & { json?: unknown }> {
  const { dialect, provider } = input;
  if (String(reply.headers['content-type']).includes('text/event-stream')) {
    return streamSource(reply.body, deltaStages(dialect, provider.quirks.deltas), watchdog, clock);
  }
  const text = await readText(reply.body, watchdog.signal);
  const json = parseReply(text, input.target);
  return { ...wholeSource(json, dialect, provider.quirks.deltas), json };
}

function parseReply(text: string, target: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    const beginning = text.trim().slice(0, 200);
    const what = beginning ? `it begins with: ${beginning}` : 'it is empty';
    throw new GatewayError('protocol', `${target} sent a reply that is neither JSON nor an event stream; ${what}`, {
      cause: thrown,
    });
  }
}

/** Reads on until the first content and gives it back in front of the rest, with the clocks and tool names applied. */
async function untilContent(
  source: ReplySource & Omit<OpenReply, keyof ReplySource>,
  watchdog: Watchdog,
  restore: ReturnType<typeof restoreTools>,
): Promise<OpenReply> {
  const held: Batch[] = [];
  let out: Delta[] = [];
  const restorer = restore?.((delta) => out.push(delta));

  function restored(deltas: Delta[], last: boolean): Delta[] {
    if (!restorer) return deltas;
    for (const delta of deltas) restorer.push(delta);
    if (last) restorer.end();
    const taken = out;
    out = [];
    return taken;
  }

  for (;;) {
    const batch = await source.next();
    if (!batch) throw new GatewayError('empty', 'The provider sent an empty answer.');
    const error = batch.deltas.find((delta) => delta.type === 'error');
    if (error) throw error.error;
    held.push({ deltas: restored(batch.deltas, false), frames: batch.frames });
    if (batch.deltas.some(isContent)) break;
  }
  watchdog.pause();
  return {
    ...source,
    async next() {
      const first = held.shift();
      if (first) return first;
      watchdog.alive();
      const batch = await source.next();
      if (batch) watchdog.pause();
      else watchdog.stop();
      if (batch) return { deltas: restored(batch.deltas, false), frames: batch.frames };
      const rest = restored([], true);
      return rest.length > 0 ? { deltas: rest, frames: [] } : undefined;
    },
    close() {
      watchdog.stop();
      source.close();
    },
  };
}

/** Content is what a client would see: from here on the answer is this target's. */
function isContent(delta: Delta): boolean {
  switch (delta.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return delta.text !== '';
    case 'tool-delta':
      return delta.text !== '' || delta.name !== undefined;
    case 'native':
      return true;
    case 'finish':
      // Another attempt would be filtered or cut off in the same way.
      return delta.reason === 'content-filter' || delta.reason === 'length';
    default:
      return false;
  }
}

async function statusError(
  reply: UpstreamReply,
  watchdog: Watchdog,
  clock: Clock,
  honorRateLimits: boolean,
): Promise<GatewayError> {
  const text = await readText(reply.body, watchdog.signal, maxErrorBytes).catch(() => '');
  const details = readProviderErrorBody(safeJson(text));
  const message = details?.message ?? (text.trim().slice(0, 500) || `HTTP status ${reply.status} without a word.`);
  const retryAfterMs = honorRateLimits ? readRetryAfter(reply.headers, clock.now()) : undefined;
  return classifyProviderError({ ...details, status: reply.status, message, retryAfterMs });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Milliseconds, from `retry-after-ms` or `retry-after` (seconds or a date). */
export function readRetryAfter(headers: UpstreamReply['headers'], nowMs: number): number | undefined {
  const milliseconds = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && milliseconds >= 0) return milliseconds;
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  const seconds = Number(value);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
