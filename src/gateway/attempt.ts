import { setParameters } from '../canonical/editRequest.ts';
import { parseJson } from '../canonical/json.ts';
import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { classifyProviderError, readProviderErrorBody, redact, type ErrorReading } from '../canonical/providerError.ts';
import type { Remedy } from '../canonical/remedies.ts';
import type { ChatRequest, JsonObject } from '../canonical/request.ts';
import type { Stage } from '../canonical/stage.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { applyRemedies } from '../providers/applyRemedies.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from './clock.ts';
import { readRetryAfter, requestHeaders } from './headers.ts';
import { holdSummary } from './holdSummary.ts';
import { deltaStages, readText, streamSource, wholeSource, type Batch, type ReplySource } from './replySource.ts';
import { scrubError, scrubReply, type Scrub } from './scrub.ts';
import { endpointUrl, passedHeaders, passedQuery, writeJson } from './upstreamCall.ts';
import type { Upstream, UpstreamReply } from './upstream.ts';
import { startWatchdog, type Limits, type Watchdog } from './watchdog.ts';
import { writeWireRequest, type WireRequest } from './wireRequest.ts';

export type AttemptInput = {
  request: ChatRequest;
  /** Whether the provider is to stream. Independent of `request.stream`, which is about the client. */
  stream: boolean;
  /** How many alternative answers the client wants (`n`). */
  choices: number;
  /** `provider,model`, for errors. */
  target: string;
  model: string;
  config: ProviderConfig;
  /** Undefined for a provider that needs no key. */
  key: string | undefined;
  provider: Provider;
  dialect: Dialect;
  limits: Limits;
  /** What earlier refusals of this target taught, and what is known of the model: changes of the body before it is sent. */
  remedies: readonly Remedy[];
  /** The client's headers that a relay passes on. */
  passedHeaders: Record<string, string>;
  /** The client's query with its question mark, for a relay; may be empty. */
  passedQuery: string;
  /** Aborts when the client disconnects or the gateway stops. */
  signal: AbortSignal;
  /** Removes the config's secrets from the provider's error messages. */
  scrub: Scrub;
  /** Reports to the user what was left out of the request or changed in the reply. */
  note(message: string): void;
  /** Receives the names of the quirks and transforms in use. */
  applied(names: readonly string[]): void;
};

export type AttemptTools = { upstream: Upstream; clock: Clock };

/** An answer whose first content has arrived. */
export type OpenReply = ReplySource & {
  /** Whether `frames` (or `json`) may be relayed unchanged to a client of the provider's dialect. */
  untouched: boolean;
  /** The provider's whole reply, if it did not stream. */
  json?: unknown;
  /** `x-ratelimit-*` and `anthropic-ratelimit-*`: the only provider headers that a client gets. */
  rateLimits?: Record<string, string>;
};

/** Longer error bodies are ignored. Bytes. */
const maxErrorBytes = 256 * 1024;

/**
 * Sends one request to one target, and resolves when the first content arrives. Until then the client has got nothing, so
 * any failure can be retried or fail over.
 * @throws GatewayError of any kind, without secrets.
 */
export async function runAttempt(input: AttemptInput, { upstream, clock }: AttemptTools): Promise<OpenReply> {
  const request = setParameters(input.request, { stream: input.stream });
  const wire = writeWireRequest(request, input.dialect, input.provider, input.model);
  noteOmissions(wire, input);
  const { body, changes } = applyRemedies(wire.body, input.remedies, input.dialect.id);
  for (const change of changes) input.note(`${input.target} ${change}`);
  input.applied([...input.provider.quirks.names, ...wire.applied]);
  const restore = wire.restore((message) => input.note(`${input.target}: ${message}`));
  const untouched = wire.relay && input.provider.quirks.relaysFrames && !restore;
  if (input.choices > 1 && (!untouched || input.request.stream)) throw tooManyChoices();
  const watchdog = startWatchdog(clock, input.limits, input.target, input.signal);
  try {
    const reply = await upstream.send({
      url: endpointUrl(input.config.api_base_url, input.dialect.path, wire.relay ? passedQuery(input) : ''),
      headers: requestHeaders(
        input.config,
        input.key,
        [input.provider.quirks.headers, wire.relay ? passedHeaders(input) : undefined],
        input.provider.quirks.keyHeader,
      ),
      body: writeJson(body, input),
      signal: watchdog.signal,
    });
    if (reply.status < 200 || reply.status > 299) throw await statusError(reply, input, body, watchdog, clock);
    const opened = await openReply(reply, input, body, watchdog, clock);
    const source = { ...scrubReply(opened, input.scrub), untouched };
    const started = wire.summary
      ? await holdSummary(source, watchdog)
      : await holdUntilContent(source, watchdog, restore, input);
    return { ...started, rateLimits: rateLimitsOf(reply.headers) };
  } catch (thrown) {
    // Nobody reads the rest of the reply, so its connection must not stay open for it.
    watchdog.release();
    throw scrubError(toGatewayError(thrown), input.scrub);
  }
}

/** Warns of what the provider can't do or read, and of what was therefore left out. */
function noteOmissions({ dropped, lost, reduced, unreadable }: WireRequest, { target, note }: AttemptInput): void {
  if (dropped.length > 0) note(`${target} has no hosted tools: ${dropped.join(', ')} left out of the request.`);
  if (lost.length > 0) note(`${target} does not accept ${lost.join(', ')}: left out of the request.`);
  if (reduced.length > 0) {
    note(`${target} does not accept the whole schema of ${reduced.join(', ')}: the description says the rest of it.`);
  }
  if (unreadable) note(`${target} can't read another provider's compaction of this conversation.`);
}

function rateLimitsOf(headers: UpstreamReply['headers']): Record<string, string> {
  const named = Object.entries(headers).filter(([name]) => /^(x|anthropic)-ratelimit-/.test(name));
  return Object.fromEntries(named.map(([name, value]) => [name, String(value)]));
}

/** Only Chat Completions has several choices, so only an unchanged relay can carry them. */
function tooManyChoices(): GatewayError {
  return new GatewayError(
    'invalid-request',
    '"n" greater than 1 is not supported for this model. Send the request several times instead.',
    { param: 'n' },
  );
}

async function openReply(
  reply: UpstreamReply,
  input: AttemptInput,
  sent: JsonObject,
  watchdog: Watchdog,
  clock: Clock,
): Promise<ReplySource & { json?: unknown }> {
  const { dialect, provider } = input;
  const options = { editJson: provider.quirks.editReply, errors: errorReading(input, sent, clock) };
  const readEvents = (body: UpstreamReply['body']): ReplySource =>
    streamSource(body, deltaStages(dialect, options, provider.quirks.deltas), watchdog, clock);
  const type = String(reply.headers['content-type']).toLowerCase();
  if (type.includes('text/event-stream')) return readEvents(reply.body);
  const text = await readText(reply.body, watchdog.signal);
  // Some proxies drop the content type.
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

/**
 * Holds the reply back until the first content, then yields all of it, with tools restored and the time limits enforced.
 */
async function holdUntilContent(
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
    // Data frames count even without content: hidden thinking is sent as pings. Comments do not: some proxies send them for
    // a dead provider.
    if (batch?.frames.some((frame) => 'data' in frame)) watchdog.reset();
    if (!batch) {
      const { emptyMeans = '' } = provider.quirks;
      throw new GatewayError('empty', `The provider sent an empty answer. ${emptyMeans}`.trim());
    }
    const error = batch.deltas.find((delta) => delta.type === 'error');
    if (error) throw error.error;
    held.push({ deltas: restored(batch.deltas, false), frames: batch.frames });
    if (batch.deltas.some(isContent)) break;
  }
  watchdog.reset();
  watchdog.pause();
  return {
    ...source,
    async next() {
      const first = held.shift();
      if (first) return first;
      watchdog.reset();
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

/** Whether the client would see it, so that failover is no longer possible. */
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
      // A retry would be filtered or cut off in the same way.
      return delta.reason === 'content-filter' || delta.reason === 'length';
    default:
      return false;
  }
}

async function statusError(
  reply: UpstreamReply,
  input: AttemptInput,
  sent: JsonObject,
  watchdog: Watchdog,
  clock: Clock,
): Promise<GatewayError> {
  // Scrubbed before anything is truncated or extracted: part of a key is hard to recognise.
  const text = input.scrub(await readText(reply.body, watchdog.signal, maxErrorBytes).catch(() => ''));
  const json = parseJson(text);
  const details = readProviderErrorBody(json ?? text);
  const said = details?.message ?? '';
  const status = `HTTP ${reply.status}`;
  // An error that is not JSON may come from a proxy, whose text says little without the status.
  const isBare = json === undefined && reply.status >= 500;
  const message = said === '' ? `${status} with an empty body.` : isBare ? `${status}: ${said}` : said;
  const retryAfterMs = input.config.honor_ratelimit_headers ? readRetryAfter(reply.headers, clock.now()) : undefined;
  const failure = { ...details, status: reply.status, message, retryAfterMs };
  return classifyProviderError(failure, errorReading(input, sent, clock));
}

function errorReading({ provider, config }: AttemptInput, sent: JsonObject, clock: Clock): ErrorReading {
  const now = config.honor_ratelimit_headers ? (): number => clock.now() : undefined;
  return { rules: provider.quirks.errors ?? [], now, sent };
}
