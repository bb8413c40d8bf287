import { GatewayError } from '../canonical/errors.ts';
import { oneLine } from '../canonical/visibleText.ts';
import type { Reply } from '../canonical/events.ts';
import { findNamed } from '../canonical/lists.ts';
import type { ChatRequest } from '../canonical/request.ts';
import { formatTarget } from '../config/routes.ts';
import { answerCost } from '../observe/prices.ts';
import type { Standing } from '../routing/budgets.ts';
import type { RouteDecision, Target } from '../routing/route.ts';
import { sleep } from './clock.ts';
import { createBudgetGate, type BudgetGate } from './budgetGate.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import type { Exchange } from './exchange.ts';
import { openAnswer, type Opened } from './failover.ts';
import type { GatewayParts } from './gatewayParts.ts';
import { accountOf } from './keyPool.ts';
import { createLastAnswer, type LastAnswer } from './lastAnswer.ts';
import { createPromptFilter } from './promptFilter.ts';
import { noteInterruption } from './recordedAttempt.ts';
import { createPlaces, type Places } from './places.ts';
import {
  createRecord,
  describeAttempt,
  describeRecord,
  explainDetour,
  explainError,
  isLong,
  type RequestRecord,
} from './record.ts';
import { readGuarded } from './readGuarded.ts';
import { createRequestRouter, type ReadRequest, type RequestRouter } from './requestRouter.ts';
import { brokenUsage, type Reported, type Used } from './brokenUsage.ts';
import { createStoredResponses, type StoredResponses } from './storedResponses.ts';
import { traceHeaders, type AttemptStart } from './telemetry.ts';
import { replyContext, type Turn } from './turn.ts';
import { createWarnings, type Warnings } from './warnings.ts';
import { applyParameters } from './wireRequest.ts';
import { sendWholeAnswer, streamAnswer, type Written } from './writeAnswer.ts';
import { writeFailure } from './writeFailure.ts';

export type Gateway = {
  answer(exchange: Exchange): Promise<void>;
  /**
   * What would happen to the request: its intent, its estimate and its route. Sends nothing to a provider. @throws GatewayError
   */
  preview(exchange: Exchange): RequestRecord;
  /** How much of the budgets is used, apart from those of conversations. */
  budgets(): Standing[];
  /** The responses that clients may continue by their ids. */
  stored: Pick<StoredResponses, 'read' | 'remove'>;
};

/** For conversations that are stored here and not by the client. An agent's takes a few hundred KB. */
const storedLimits = { maxResponses: 1000, maxBytes: 64 * 1024 * 1024 };

/** The parts that work on every request, with their state. */
type Pipeline = {
  parts: GatewayParts;
  stored: StoredResponses;
  warnings: Warnings;
  router: RequestRouter;
  dispatcher: Dispatcher;
  budgets: BudgetGate;
  /** Streams, and requests for whole answers. */
  places: Record<'streams' | 'whole', Places>;
  lastAnswer: LastAnswer;
};

export function createGateway(parts: GatewayParts): Gateway {
  const warnings = createWarnings(parts.log);
  const stored = createStoredResponses(storedLimits, parts.common?.shelf);
  const router = createRequestRouter(parts);
  const dispatcher = createDispatcher(parts, warnings);
  const budgets = createBudgetGate(parts, warnings.warn);
  const places = {
    streams: createPlaces(parts.maxStreams, 'streams'),
    whole: createPlaces(parts.maxStreams, 'requests for whole answers'),
  };
  const lastAnswer = createLastAnswer();
  const pipeline: Pipeline = { parts, stored, warnings, router, dispatcher, budgets, places, lastAnswer };
  return {
    answer: (exchange) => answer(pipeline, exchange),
    preview(exchange) {
      const record = createRecord(exchange, parts.clock.now());
      routeRequest(pipeline, exchange, record, readRequest(pipeline, exchange, record), true);
      return record;
    },
    budgets: budgets.standings,
    stored,
  };
}

/**
 * Reads the request, routes it, tries the targets until one answers, writes the answer, and records what happened. An error
 * goes to the client in its own dialect, once.
 */
async function answer(pipeline: Pipeline, given: Exchange): Promise<void> {
  const { parts, warnings } = pipeline;
  const exchange = parts.startCapture?.(given) ?? given;
  const record = createRecord(exchange, parts.clock.now());
  parts.observer.started(record, exchange.headers);
  let leave: (() => void) | undefined;
  let release: (() => void) | undefined;
  try {
    leave = takePlace(pipeline, exchange, record);
    const reading = pipeline.stored.withOthers(() => readRequest(pipeline, exchange, record));
    // Without an await if none is needed: a turn of the event loop would change the order of requests.
    const sent = reading instanceof Promise ? await reading : reading;
    if (exchange.isLong) await sleep(parts.clock, 0, exchange.signal);
    const { read, decision } = routeRequest(pipeline, exchange, record, sent);
    const { request } = read;
    release = pipeline.budgets.reserve(read, decision, record);
    const confirming = pipeline.budgets.confirm(read, record, release);
    if (confirming) await confirming;
    const turn: Turn = { exchange, request, read, decision, context: replyContext(exchange, request, parts), record };
    const open = (): Promise<Opened> => attemptTargets(pipeline, turn);
    const writing = {
      clock: parts.clock,
      newId: parts.newId,
      warn: (message: string) => warnings.warnOnce(record, message),
      brokeOff: (opened: Opened, reply: Reply, reported: Reported | undefined) =>
        charge(pipeline, turn, opened, brokenUsage(reply, record, reported)),
    };
    const written = request.stream
      ? await streamAnswer(turn, open, writing)
      : await sendWholeAnswer(turn, await open(), writing);
    if (!written) return;
    keep(pipeline, turn, written);
    pipeline.lastAnswer.keep({ turn, written, functions: [open, writing] });
  } catch (thrown) {
    writeFailure(exchange, record, thrown, parts);
  } finally {
    leave?.();
    release?.();
    noteInterruption(record, parts);
    record.durationMs = parts.clock.now() - record.startedAt;
    // A client that hangs up has what it needs.
    const isFailure = record.error !== undefined && record.error.kind !== 'cancelled';
    parts.log[isFailure ? 'warn' : 'info'](describeRecord(record));
    parts.observer.finished(record);
    exchange.capture?.finished(record);
  }
}

type Routed = { read: ReadRequest; decision: RouteDecision };

/** Chooses the targets of a request; the record says how. */
function routeRequest(
  pipeline: Pipeline,
  exchange: Exchange,
  record: RequestRecord,
  sent: ChatRequest,
  isPreview = false,
): Routed {
  const { parts, router, warnings } = pipeline;
  const { loopGuard } = parts.settings().config.Router;
  const read = readGuarded(router, { exchange, record, sent, loopGuard });
  const preset = pipeline.budgets.check(read, record, isPreview);
  const routed = preset === undefined ? exchange : { ...exchange, preset };
  const found = router.route(routed, read, (message) => warnings.warnOnce(record, message));
  const decision: RouteDecision = preset === undefined ? found : { ...found, reason: 'budget' };
  if (decision.reason === 'subagent-tag')
    parts.log.info(`<CCR-SUBAGENT-MODEL> in the system prompt chose ${formatTarget(decision.matched)} (${record.id})`);
  record.reason = decision.reason;
  record.preset = routed.preset ?? presetOf(parts, exchange);
  record.route = {
    matched: decision.matched,
    candidates: decision.candidates,
    readAs: decision.readAs,
    rule: decision.rule,
    affinity: decision.affinity,
    skipped: decision.skipped,
    length: decision.length,
  };
  return { read, decision };
}

/** @throws GatewayError `overloaded` */
function takePlace({ parts, places }: Pipeline, exchange: Exchange, { stream }: RequestRecord): () => void {
  try {
    return places[stream ? 'streams' : 'whole'].take(exchange.caller ?? '');
  } catch (thrown) {
    parts.metrics.rejectedStream();
    throw thrown;
  }
}

/** Longer than any model's name with its provider's. Characters. */
const longestModel = 512;

/** A model's name goes into records, logs and errors. @throws GatewayError `invalid-request` */
function checkModelName(model = ''): void {
  if (model.length <= longestModel) return;
  const message = `model: longer than ${longestModel} characters.`;
  throw new GatewayError('invalid-request', message, { param: 'model' });
}

/** The canonical request, with the conversation that it continues. */
function readRequest({ parts, stored, warnings }: Pipeline, exchange: Exchange, record: RequestRecord): ChatRequest {
  const { dialect, body } = exchange;
  const whole = dialect.resolveReferences?.(body, stored.read) ?? body;
  const request = stored.expand(dialect.readRequest(whole, parts.sealer));
  checkModelName(request.model);
  record.model = request.model && oneLine(request.model);
  // A stored conversation is not in the body.
  if (request.continuation) record.withoutPrompt = createPromptFilter(body, request.messages);
  for (const warning of request.warnings ?? []) warnings.warnOnce(record, warning);
  return request;
}

async function attemptTargets(pipeline: Pipeline, turn: Turn): Promise<Opened> {
  const { parts, warnings, router, dispatcher } = pipeline;
  const { exchange, decision, record } = turn;
  if (isLong(record)) await sleep(parts.clock, 0, exchange.signal);
  exchange.capture?.decided(decision.parameters);
  const request = applyParameters(turn.request, decision.parameters);
  const opened = await openAnswer(
    {
      config: parts.settings().config,
      targets: decision.targets,
      signal: exchange.signal,
      keys: dispatcher.keys,
      chooseKey: (...choice) => dispatcher.chooseKey(turn.read, ...choice),
      sendAttempt(plan) {
        const trace = traceHeaders(attemptStart(parts, plan.target), exchange, record, parts.telemetry);
        return dispatcher.send({ ...plan, request, conversation: turn.read.conversation, exchange, record, trace });
      },
      isCold: (target) => router.isCold(turn.read, target),
      onAttempt(attempt, target) {
        record.attempts.push(attempt);
        parts.log.debug(describeAttempt(record, attempt));
        parts.observer.attempted(attempt, target, record);
      },
      explain: (error) => explainError(error, record),
      onPassedOver: (target) => (record.passedOver = [...(record.passedOver ?? []), formatTarget(target)]),
      warn: (message) => warnings.warn(record, message),
    },
    parts,
  );
  record.target = opened.target;
  record.rateLimits = opened.reply.rateLimits;
  record.firstContentMs = parts.clock.now() - record.startedAt;
  noteFallback(pipeline, turn);
  return opened;
}

function attemptStart({ settings }: GatewayParts, target: Target): AttemptStart {
  const provider = findNamed(settings().config.Providers, target.provider);
  return { target, baseUrl: provider?.api_base_url };
}

/** Tells the user when a conversation continues with another model than before, and not by the user's own choice. */
function noteFallback({ router, warnings }: Pipeline, { read, record }: Turn): void {
  const before = router.lastTarget(read);
  const { target } = record;
  if (before === undefined || !target || before === formatTarget(target)) return;
  const why = explainDetour(record);
  if (why === undefined) return;
  record.fallback = { from: before, why };
  warnings.warn(
    record,
    `The conversation continues with ${formatTarget(target)}, since ${why}; ${before} answered before.`,
  );
}

/**
 * Keeps what outlives the answer: its figures, the reasoning that the client may drop, and the conversation itself for a
 * client that does not send it back.
 */
function keep(pipeline: Pipeline, turn: Turn, { opened, reply, pieces, relayedId }: Written): void {
  const { parts, router, dispatcher, stored } = pipeline;
  const { exchange, request, read, decision, context, record } = turn;
  record.finish = reply.finish;
  parts.telemetry?.answered?.(record, request, reply);
  charge(pipeline, turn, opened, reply.usage ? { usage: reply.usage, isEstimated: false } : brokenUsage(reply, record));
  router.noteAnswer(read, { target: opened.target, usage: reply.usage }, decision);
  dispatcher.remember(opened, read, reply, pieces);
  const id = relayedId ?? context.replyId;
  const holder = relayedId === undefined ? undefined : accountOf(opened.target, opened.key);
  if (id !== undefined) stored.keep({ id, request, reply, dialect: exchange.dialect, context, holder });
}

/** Records what an answer used and cost, and counts it against the budgets. */
function charge({ parts, budgets }: Pipeline, { read, record }: Turn, { target }: Opened, used: Used): void {
  const { usage, isEstimated } = used;
  const cost = answerCost(usage, parts.pricesOf(target), { atMs: record.startedAt, isEstimated });
  record.usage = usage;
  record.costUsd = cost?.usd;
  if (isEstimated) record.isUsageEstimated = true;
  if (cost?.isEstimated) record.isCostEstimated = true;
  budgets.charge(read, record, target, usage);
}

/** The preset that a window chose. */
function presetOf({ scope }: GatewayParts, exchange: Exchange): string | undefined {
  const choice = exchange.scope === undefined ? undefined : scope(exchange.scope);
  return choice && 'preset' in choice ? choice.preset : undefined;
}
