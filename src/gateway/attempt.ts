import { throwError } from './replyErrors.ts';
import { setParameters } from '../canonical/editRequest.ts';
import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import { redact } from '../canonical/providerError.ts';
import { readQuotaWait } from '../canonical/rateLimits.ts';
import type { Delta } from '../canonical/events.ts';
import type { Remedy } from '../canonical/remedies.ts';
import type { ChatRequest, JsonObject, Tool } from '../canonical/request.ts';
import type { Stage } from '../canonical/stage.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { applyRemedies } from '../providers/applyRemedies.ts';
import type { Provider } from '../providers/provider.ts';
import { turnsThinkingOff } from '../providers/thinking.ts';
import { sleep, type Clock } from './clock.ts';
import { isContent, isPaidFor } from './content.ts';
import { headerValue, requestHeaders } from './headers.ts';
import { createHoldLimit } from './holdLimit.ts';
import { holdSummary } from './holdSummary.ts';
import type { LearntOpeners } from './learntOpeners.ts';
import { noteOmissions } from './noteOmissions.ts';
import { openReply, type ReplyReading } from './openReply.ts';
import { repairReply } from './repairReply.ts';
import { redirectError } from './redirect.ts';
import type { Batch } from './batcher.ts';
import type { ReplySource } from './replySource.ts';
import { scrubError, type Scrub } from './scrub.ts';
import { endpointUrl, headersForProvider, queryForProvider, writeJson } from './upstreamCall.ts';
import type { Upstream, UpstreamReply } from './upstream.ts';
import { errorReading, statusError } from './statusError.ts';
import { startWatchdog, type Limits, type Watchdog } from './watchdog.ts';
import { writeWireRequest } from './wireRequest.ts';

export type AttemptInput = {
  request: ChatRequest;
  /** Whether the provider is to stream. Independent of `request.stream`, which is about the client. */
  stream: boolean;
  /** Others get a turn before the body becomes text. */
  isLong?: boolean;
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
  /** Changes to the body before it is sent, from earlier refusals of this target and from what is known of the model. */
  remedies: readonly Remedy[];
  /** What earlier answers taught about opening tags. */
  openers: LearntOpeners;
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
  /** Unix time in ms until which the key is close to one of the provider's limits. */
  quotaUntilMs?: number | undefined;
};

/**
 * Sends one request to one target, and resolves when the first content arrives. Until then the client has got nothing, so
 * any failure can be retried or fail over.
 * @throws GatewayError of any kind, without secrets.
 */
export async function runAttempt(input: AttemptInput, { upstream, clock }: AttemptTools): Promise<OpenReply> {
  const request = setParameters(input.request, { stream: input.stream });
  const wire = writeWireRequest(request, input.dialect, input.provider, input.model);
  noteOmissions(wire, input.target, input.note);
  const { body, changes } = applyRemedies(wire.body, input.remedies, input.dialect.id);
  for (const change of changes) input.note(`${input.target} ${change}`);
  input.applied([...input.provider.quirks.names, ...wire.applied]);
  const note = (message: string): void => input.note(`${input.target}: ${message}`);
  const restore = wire.restore(note);
  const relay = wire.relay && !restore ? input.provider.quirks.relays : 'nothing';
  if (input.choices > 1 && (relay === 'nothing' || input.request.stream)) throw tooManyChoices();
  const stage = relay === 'frames' ? undefined : repairOf(input, body, wire.tools, note);
  const watchdog = startWatchdog(clock, input.limits, input.target, input.signal);
  try {
    if (input.isLong) await sleep(clock, 0, watchdog.signal);
    const url = endpointUrl(input.config.api_base_url, input.dialect.path, wire.relay ? queryForProvider(input) : '');
    const reply = await upstream.send({
      url,
      headers: requestHeaders(
        input.config,
        input.key,
        [input.provider.quirks.headers, wire.relay ? headersForProvider(input) : undefined],
        input.provider.quirks.keyHeader,
      ),
      body: writeJson(body, input),
      signal: watchdog.signal,
      connectTimeoutMs: input.limits.connectMs,
    });
    const redirect = redirectError(reply, url, input.target);
    if (redirect) throw redirect;
    if (reply.status < 200 || reply.status > 299) throw await statusError(reply, input, body, clock);
    const reading = { ...replyReading(input, body, clock), relay, stage };
    const source = await openReply(reply, reading, watchdog, clock);
    const started = wire.summary
      ? await holdSummary(source, watchdog, input.target)
      : await holdUntilContent(source, watchdog, restore, input);
    const quotaUntilMs = quotaUntil(reply.headers, input, clock);
    return { ...started, rateLimits: rateLimitsOf(reply.headers, input.scrub), quotaUntilMs };
  } catch (thrown) {
    // The rest of the reply is not read, so its connection must not stay open for it.
    watchdog.release();
    throw scrubError(toGatewayError(thrown), input.scrub);
  }
}

/** The stages of a reply that is read and written again. */
function repairOf(
  { config, model, openers, provider }: AttemptInput,
  sent: JsonObject,
  tools: readonly Tool[],
  note: (message: string) => void,
): Stage<Delta, Delta> {
  // By its URL: a reload may give the provider's name to another host.
  const opener = turnsThinkingOff(sent) ? undefined : openers.of(`${config.api_base_url} ${model}`, note);
  return repairReply(provider.quirks, opener, tools, note);
}

function quotaUntil(headers: UpstreamReply['headers'], { config }: AttemptInput, clock: Clock): number | undefined {
  if (!config.honor_ratelimit_headers) return undefined;
  const waitMs = readQuotaWait(headers, clock.now());
  return waitMs === undefined ? undefined : clock.now() + waitMs;
}

/** Providers send some ten of them. */
const mostRateLimits = 40;

/** Characters: a number, a time or a date. */
const longestRateLimit = 200;

function isRateLimit(header: string): boolean {
  return /^(x|anthropic)-ratelimit-[\w-]{1,100}$/.test(header);
}

/** Scrubbed like errors: a provider may put the key that it counts for into them. */
function rateLimitsOf(headers: UpstreamReply['headers'], scrub: Scrub): Record<string, string> {
  const names = Object.keys(headers).filter(isRateLimit);
  return Object.fromEntries(
    names
      .map((name) => [name, headerValue(scrub(redact(String(headers[name])))).slice(0, longestRateLimit)] as const)
      .filter(([name]) => scrub(name) === name)
      .slice(0, mostRateLimits),
  );
}

/** Only Chat Completions has several choices, so only an unchanged relay can carry them. */
function tooManyChoices(): GatewayError {
  return new GatewayError(
    'invalid-request',
    '"n" greater than 1 is not supported for this model. Send the request several times instead.',
    { param: 'n' },
  );
}

/**
 * Holds the reply back until the first content, then yields all of it, with tools restored and the time limits enforced.
 */
async function holdUntilContent(
  source: OpenReply,
  watchdog: Watchdog,
  restore: Stage<Delta, Delta> | undefined,
  { provider, target, note }: AttemptInput,
): Promise<OpenReply> {
  const held: Batch[] = [];
  const checkHeld = createHoldLimit(target, 'without any content');
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
    if (batch?.frames.some((frame) => !('comment' in frame))) watchdog.reset();
    if (!batch && isPaidFor(held)) {
      note(`${target} produced tokens, but no text, reasoning or call. The answer was passed on as it is.`);
      break;
    }
    if (!batch) {
      const { emptyMeans = '' } = provider.quirks;
      throw new GatewayError('empty', `The provider sent an empty answer. ${emptyMeans}`.trim());
    }
    throwError(batch.deltas);
    // Only a relay needs the frames.
    const frames = source.untouched ? batch.frames : [];
    held.push({ ...batch, deltas: restored(batch.deltas, false), frames });
    if (batch.deltas.some(isContent)) break;
    checkHeld(batch);
  }
  watchdog.open();

  function restoreNext(batch: Batch | undefined): Batch | undefined {
    if (batch) return { ...batch, deltas: restored(batch.deltas, false) };
    const rest = restored([], true);
    return rest.length > 0 ? { deltas: rest, frames: [] } : undefined;
  }

  return {
    ...source,
    next() {
      const first = held.shift();
      if (first) return Promise.resolve(first);
      return restorer ? source.next().then(restoreNext) : source.next();
    },
    close() {
      watchdog.stop();
      source.close();
    },
  };
}

/** How the provider's reply is read. */
function replyReading(input: AttemptInput, sent: JsonObject, clock: Clock): Omit<ReplyReading, 'relay' | 'stage'> {
  const { target, dialect, provider, choices, scrub } = input;
  const options = {
    editJson: provider.quirks.editReply,
    errors: errorReading(input, sent, clock),
    warn: (message: string) => input.note(`${target}: ${scrub(message)}`),
  };
  return { target, dialect, options, choices, scrub };
}
