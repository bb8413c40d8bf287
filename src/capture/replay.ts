import { joinPieces, type Pieces } from '../sse/pieces.ts';
import { toGatewayError, type GatewayError } from '../canonical/errors.ts';
import { parseJson } from '../canonical/json.ts';
import { findNamed } from '../canonical/lists.ts';
import type { Remedy } from '../canonical/remedies.ts';
import type { ChatRequest, ReasoningPart } from '../canonical/request.ts';
import { configSchema, tierRetriesSchema, type Config } from '../config/schema.ts';
import { dialectById } from '../dialects/registry.ts';
import { createDispatcher, type DispatcherParts } from '../gateway/dispatcher.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Opened } from '../gateway/failover.ts';
import { poolOf } from '../gateway/keyPool.ts';
import { guardLoops } from '../gateway/loopGuard.ts';
import { createModelCatalog } from '../gateway/modelCatalog.ts';
import { createRecord, type RequestRecord } from '../gateway/record.ts';
import { createRequestRouter, type ReadRequest } from '../gateway/requestRouter.ts';
import { replyContext, type Turn } from '../gateway/turn.ts';
import { createWarnings } from '../gateway/warnings.ts';
import { applyParameters } from '../gateway/wireRequest.ts';
import { sendWholeAnswer, streamAnswer } from '../gateway/writeAnswer.ts';
import type { ReasoningMemory } from '../reasoning/history.ts';
import { createAffinity } from '../routing/affinity.ts';
import { createHealth } from '../routing/health.ts';
import type { Target } from '../routing/route.ts';
import { CaptureError } from './captureFolder.ts';
import { captureSealer } from './captureSealer.ts';
import type { Capture, CaptureMetadata } from './format.ts';
import { recordedUpstream } from './recordedUpstream.ts';
import { createReplayClock, type ReplayClock } from './replayClock.ts';

/** What came out of an attempt that was made again. */
export type Replayed = {
  /** What the provider would get. Absent if nothing was sent. */
  sent?: { url: string; body: unknown } | undefined;
  /** Absent if the attempt was answered to its end. */
  error?: { kind: string; message: string } | undefined;
  /** What the client got; `status` is 0 if that would be up to another attempt. */
  answer: { status: number; text: string };
  /** What this version says of the request. */
  warnings: string[];
  /** What the capture does not hold, so that a difference may come from it. */
  unknown: string[];
};

/**
 * Makes the attempt of a capture again with this version of CCR, the captured request and the captured reply, at the captured
 * times. Nothing is sent to a provider and no file is read.
 * @throws CaptureError if the capture does not hold enough for that
 */
export async function replayCapture(capture: Capture): Promise<Replayed> {
  const ccr = capture.metadata?.ccr;
  if (!ccr) throw new CaptureError('This capture was not made by CCR: it has only what went to the provider and back.');
  if (ccr.request.body === undefined)
    throw new CaptureError("This capture can't be replayed: the client's request was too large for its file.");
  const config = readConfig(ccr);
  const clock = createReplayClock(ccr.request.started_at);
  const response = collectAnswer();
  const exchange = exchangeOf(ccr, response);
  const record = createRecord(exchange, ccr.request.started_at);
  const upstream = recordedUpstream(capture, ccr, clock);
  const unknown = capture.response_truncated ? ['The reply is cut at max_body_size.'] : [];
  let error: GatewayError | undefined;
  try {
    const parts = replayParts(config, ccr, clock, upstream);
    await answer({ capture, ccr, config, clock, exchange, record, unknown }, parts);
  } catch (thrown) {
    error = toGatewayError(thrown);
  }
  error ??= record.error;
  const [call] = upstream.calls;
  return {
    sent: call && { url: call.url, body: parseJson(call.body) },
    error: error && { kind: error.kind, message: error.message },
    answer: { status: response.status, text: response.text },
    warnings: record.warnings,
    unknown,
  };
}

type Replay = {
  capture: Capture;
  ccr: CaptureMetadata;
  config: Config;
  clock: ReplayClock;
  exchange: Exchange;
  record: RequestRecord;
  unknown: string[];
};

async function answer(replay: Replay, parts: ReplayParts): Promise<void> {
  const { capture, ccr, clock, exchange, record } = replay;
  const { attempt } = ccr;
  const read = readAgain(replay, parts);
  const { request } = read;
  const target: Target = { provider: capture.provider, model: capture.model, tier: capture.tier_name };
  const warnings = createWarnings(silentLog);
  const dispatcher = createDispatcher(parts, warnings);
  const open = async (): Promise<Opened> => {
    await clock.advanceTo(attempt.started_at);
    const [key] = poolOf(providerOf(replay));
    const reply = await dispatcher.send({
      target,
      retries: tierRetriesSchema.parse(attempt.retries),
      key,
      withoutProofs: attempt.without_proofs,
      withoutEffort: attempt.without_effort,
      remedies: attempt.remedies as Remedy[],
      request: applyParameters(request, attempt.parameters),
      conversation: read.conversation,
      trace: {},
      exchange,
      record,
    });
    record.target = target;
    return { reply, target, key, attempt: attempt.number };
  };
  const decision = {
    targets: [target],
    candidates: [],
    matched: target,
    isFree: false,
    reason: 'default' as const,
    parameters: attempt.parameters,
  };
  const turn: Turn = { exchange, request, read, decision, context: replyContext(exchange, request, parts), record };
  const warn = (message: string): void => warnings.warnOnce(record, message);
  const writing = { clock, newId: parts.newId, warn, brokeOff: () => undefined };
  await (request.stream ? streamAnswer(turn, open, writing) : sendWholeAnswer(turn, await open(), writing));
}

/** The request as this version reads it. */
function readAgain({ config, exchange, record, unknown }: Replay, parts: ReplayParts): ReadRequest {
  const sent: ChatRequest = exchange.dialect.readRequest(resolved(exchange, unknown), parts.sealer);
  for (const warning of sent.warnings ?? []) record.warnings.push(warning);
  if (sent.continuation?.previousId !== undefined)
    unknown.push('The request continues a stored response, whose conversation is not in the capture.');
  const { loopGuard } = config.Router;
  return createRequestRouter(parts).read(exchange, loopGuard ? guardLoops(sent, loopGuard) : sent);
}

function resolved({ dialect, body }: Exchange, unknown: string[]): unknown {
  try {
    return dialect.resolveReferences?.(body, () => undefined) ?? body;
  } catch {
    unknown.push('The request refers to items of stored responses, which are not in the capture.');
    return body;
  }
}

function providerOf({ capture, config }: Replay): Config['Providers'][number] {
  const found = findNamed(config.Providers, capture.provider);
  if (!found) throw new CaptureError(`The capture's config has no provider ${capture.provider}.`);
  return found;
}

function readConfig({ config, version }: CaptureMetadata): Config {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new CaptureError(`This version of CCR can't read the config in the capture, which CCR ${version} wrote.`);
}

type ReplayParts = DispatcherParts & Parameters<typeof createRequestRouter>[0] & Parameters<typeof replyContext>[2];

const silentLog = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

function replayParts(
  config: Config,
  { attempt }: CaptureMetadata,
  clock: ReplayClock,
  upstream: ReturnType<typeof recordedUpstream>,
): ReplayParts {
  const models = createModelCatalog({ config: () => config, learnt: () => undefined, now: clock.now });
  let ids = 0;
  return {
    settings: () => ({ config, providers: config.Providers.map(({ name }) => ({ name, enabled: true as const })) }),
    upstream: () => upstream,
    scope: () => undefined,
    pricesOf: (target) => models.factsOf(target).prices,
    windowOf: (target) => models.factsOf(target).contextWindow,
    outputLimitOf: (target) => models.factsOf(target).maxOutputTokens,
    health: createHealth(),
    affinity: createAffinity(),
    memory: recordedMemory(attempt),
    observer: {
      started: () => undefined,
      attempted: () => undefined,
      applied: () => undefined,
      finished: () => undefined,
    },
    clock,
    random: () => 0.5,
    newId: (prefix) => `${prefix}_${String(++ids).padStart(32, '0')}`,
    sealer: captureSealer(),
  };
}

/** Gives what the memory gave then, in the same order. */
function recordedMemory({ recalled }: CaptureMetadata['attempt']): ReasoningMemory {
  const left = [...recalled];
  return {
    remember: () => undefined,
    recall: () => (left.shift() ?? undefined) as readonly ReasoningPart[] | undefined,
  };
}

function collectAnswer() {
  const answer = {
    status: 0,
    text: '',
    isOpen: () => answer.status !== 0,
    open: (status: number) => void (answer.status = status),
    write(text: string | Pieces): undefined {
      answer.text += joinPieces(text);
    },
    end: (text: string | Pieces = '') => void (answer.text += joinPieces(text)),
  };
  return answer;
}

function exchangeOf({ request }: CaptureMetadata, response: Exchange['response']): Exchange {
  const { id, dialect, client, headers, query, preset, scope, body } = request;
  const signal = new AbortController().signal;
  return { id, dialect: dialectById(dialect), client, headers, query, preset, scope, body, signal, response };
}
