import { parseJson } from '../canonical/json.ts';
import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { classifyProviderError, readProviderErrorBody, redact, type ErrorReading } from '../canonical/providerError.ts';
import type { ChatRequest } from '../canonical/request.ts';
import type { Stage } from '../canonical/stage.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { chatBase } from '../providers/hosts.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from './clock.ts';
import { readRetryAfter, requestHeaders } from './headers.ts';
import { deltaStages, readText, streamSource, wholeSource, type Batch, type ReplySource } from './replySource.ts';
import { scrubError, scrubReply, type Scrub } from './scrub.ts';
import { untilEnd } from './untilEnd.ts';
import type { Upstream, UpstreamReply } from './upstream.ts';
import { startWatchdog, type Limits, type Watchdog } from './watchdog.ts';
import { writeWireRequest } from './wireRequest.ts';

export type AttemptInput = {
  request: ChatRequest;
  /** Whether the provider is asked to stream; the client's own wish is in `request`. */
  stream: boolean;
  /** Answers asked for at once (`n`). */
  choices: number;
  /** `provider,model`, for errors. */
  target: string;
  model: string;
  config: ProviderConfig;
  /** Undefined for a provider that needs none. */
  key: string | undefined;
  provider: Provider;
  dialect: Dialect;
  limits: Limits;
  /** Headers of the client that a relay passes on. */
  passedHeaders: Record<string, string>;
  /** The client's own query, with its question mark, for a relay; empty without one. */
  passedQuery: string;
  /** The client is gone, or the gateway stops. */
  signal: AbortSignal;
  /** Takes the config's secrets out of what the provider says of its failure. */
  scrub: Scrub;
  /** Something left out of the request that its sender should know of. */
  note(message: string): void;
  /** Names of the quirks and transforms that take part. */
  applied(names: readonly string[]): void;
};

export type AttemptTools = { upstream: Upstream; clock: Clock };

/** An answer whose first content has come. */
export type OpenReply = ReplySource & {
  /** Whether `frames` (or `json`) may go to a client of the provider's dialect as they are. */
  untouched: boolean;
  /** The provider's whole reply, if it did not stream. */
  json?: unknown;
  /** The provider's `x-ratelimit-*` and the like: the only headers of its that a client gets. */
  rateLimits?: Record<string, string>;
};

/** The longest error body that is read. Bytes. */
const maxErrorBytes = 256 * 1024;

/**
 * Asks one target once, and resolves when its first content has come: until then the client has seen nothing, so any
 * failure may be tried again elsewhere.
 * @throws GatewayError of any kind, without secrets.
 */
export async function attempt(input: AttemptInput, { upstream, clock }: AttemptTools): Promise<OpenReply> {
  const wire = writeWireRequest({ ...input.request, stream: input.stream }, input.dialect, input.provider, input.model);
  if (wire.dropped.length > 0) {
    input.note(`${input.target} has no hosted tools: ${wire.dropped.join(', ')} left out of the request.`);
  }
  if (wire.lost.length > 0) {
    input.note(`${input.target} takes no ${wire.lost.join(', ')}: left out of the request.`);
  }
  if (wire.unreadable) {
    input.note(`${input.target} can't read the note into which another provider condensed this conversation.`);
  }
  input.applied([...input.provider.quirks.names, ...wire.applied]);
  const restore = wire.restore((message) => input.note(`${input.target}: ${message}`));
  const untouched = wire.relay && input.provider.quirks.relaysFrames && !restore;
  if (input.choices > 1 && (!untouched || input.request.stream)) throw tooManyChoices();
  const watchdog = startWatchdog(clock, input.limits, input.target, input.signal);
  try {
    const reply = await upstream.send({
      url: endpointUrl(input.config.api_base_url, input.dialect.path, wire.relay ? input.passedQuery : ''),
      headers: requestHeaders(
        input.config,
        input.key,
        [input.provider.quirks.headers, wire.relay ? input.passedHeaders : undefined],
        input.provider.quirks.keyHeader,
      ),
      body: JSON.stringify(wire.body),
      signal: watchdog.signal,
    });
    if (reply.status < 200 || reply.status > 299) throw await statusError(reply, input, watchdog, clock);
    const opened = await openReply(reply, input, watchdog, clock);
    const source = { ...scrubReply(opened, input.scrub), untouched };
    const begun = wire.summary
      ? await untilEnd(source, watchdog)
      : await untilContent(source, watchdog, restore, input);
    return { ...begun, rateLimits: rateLimitsOf(reply.headers) };
  } catch (thrown) {
    // Whatever the provider still has to say is of no use: its connection must not wait for somebody to read it.
    watchdog.release();
    throw scrubError(toGatewayError(thrown), input.scrub);
  }
}

function rateLimitsOf(headers: UpstreamReply['headers']): Record<string, string> {
  const named = Object.entries(headers).filter(([name]) => /^(x|anthropic)-ratelimit-/.test(name));
  return Object.fromEntries(named.map(([name, value]) => [name, String(value)]));
}

/** Several choices exist in Chat Completions alone, so only an untouched relay can carry them. */
function tooManyChoices(): GatewayError {
  return new GatewayError(
    'invalid-request',
    '"n" greater than 1 is not supported for this model. Send the request several times instead.',
    { param: 'n' },
  );
}

/** The ends of all endpoints: a full one in the config may be that of another protocol than is asked. */
const endpoints = /\/(chat\/completions|responses|messages)$/;

/**
 * A base URL or a full endpoint: both work. A version that base and path both have is written once. `query` goes behind
 * the base URL's own, which may hold a key.
 */
export function endpointUrl(baseUrl: string, path: string, query = ''): string {
  const url = new URL(chatBase(baseUrl));
  const given = url.pathname.replace(/\/+$/, '');
  const [version = ''] = /^\/v\d+(?=\/)/.exec(path) ?? [];
  const bare = path.slice(version.length);
  const base = given.replace(endpoints, '');
  if (!given.endsWith(bare)) url.pathname = base + (base.endsWith(version) ? bare : path);
  else url.pathname = given;
  url.search = [url.search, query]
    .map((each) => each.replace(/^\?/, ''))
    .filter(Boolean)
    .join('&');
  return url.href;
}

async function openReply(
  reply: UpstreamReply,
  input: AttemptInput,
  watchdog: Watchdog,
  clock: Clock,
): Promise<ReplySource & { json?: unknown }> {
  const { dialect, provider } = input;
  const options = { editJson: provider.quirks.editReply, errors: errorReading(input, clock) };
  const readEvents = (body: UpstreamReply['body']): ReplySource =>
    streamSource(body, deltaStages(dialect, options, provider.quirks.deltas), watchdog, clock);
  const type = String(reply.headers['content-type']).toLowerCase();
  if (type.includes('text/event-stream')) return readEvents(reply.body);
  const text = await readText(reply.body, watchdog.signal);
  // Some proxies lose the content type on the way.
  if (!type.includes('json') && eventsBeginning.test(text)) return readEvents(oneChunk(text));
  const json = parseReply(text, input);
  return { ...wholeSource(json, dialect, options, provider.quirks.deltas), json };
}

const eventsBeginning = /^\s*(?:data|event|id|retry)?:/;

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function parseReply(text: string, { target, scrub }: AttemptInput): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    const beginning = redact(scrub(text.trim()).slice(0, 200));
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
  restore: Stage<Delta, Delta> | undefined,
  { provider }: AttemptInput,
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
    // Hidden thinking is sent as nothing but pings. Comments, which some proxies send for a dead provider, do not count.
    if (batch?.frames.some((frame) => 'data' in frame)) watchdog.alive();
    if (!batch) {
      const { emptyMeans = '' } = provider.quirks;
      throw new GatewayError('empty', `The provider sent an empty answer. ${emptyMeans}`.trim());
    }
    const error = batch.deltas.find((delta) => delta.type === 'error');
    if (error) throw error.error;
    held.push({ deltas: restored(batch.deltas, false), frames: batch.frames });
    if (batch.deltas.some(isContent)) break;
  }
  watchdog.alive();
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
  input: AttemptInput,
  watchdog: Watchdog,
  clock: Clock,
): Promise<GatewayError> {
  // Before anything is cut off or read out of it: a part of a key is hard to find.
  const text = input.scrub(await readText(reply.body, watchdog.signal, maxErrorBytes).catch(() => ''));
  const json = parseJson(text);
  const details = readProviderErrorBody(json ?? text);
  const said = details?.message ?? '';
  const status = `HTTP status ${reply.status}`;
  // Where a failure is no JSON, a proxy may have answered, with a word or a web page that tells little.
  const isBare = json === undefined && reply.status >= 500;
  const message = said === '' ? `${status} without a word.` : isBare ? `${status}: ${said}` : said;
  const retryAfterMs = input.config.honor_ratelimit_headers ? readRetryAfter(reply.headers, clock.now()) : undefined;
  return classifyProviderError({ ...details, status: reply.status, message, retryAfterMs }, errorReading(input, clock));
}

function errorReading({ provider, config }: AttemptInput, clock: Clock): ErrorReading {
  const now = config.honor_ratelimit_headers ? (): number => clock.now() : undefined;
  return { rules: provider.quirks.errors ?? [], now };
}
