import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { oneLine } from '../canonical/visibleText.ts';
import type { ModelRef } from '../config/routes.ts';
import type { UsableConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { configHealth } from '../config/health.ts';
import type { GatewayState, LogLine, TargetView } from '../control/protocol.ts';
import { loadSealKey } from '../control/sealKeyFile.ts';
import { systemClock } from '../gateway/clock.ts';
import { createGatewayClock } from './timerLists.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { createModelCatalog, type ModelCatalog } from '../gateway/modelCatalog.ts';
import { createObserver, watchRequests } from '../gateway/observer.ts';
import { withTelemetry, type Telemetry } from '../gateway/telemetry.ts';
import type { RequestRecord } from '../gateway/record.ts';
import type { Upstream } from '../gateway/upstream.ts';
import type { Log } from '../observe/log.ts';
import { createMetrics, type Metrics } from '../observe/metrics.ts';
import type { Prices } from '../providers/prices.ts';
import { createReasoningMemory } from '../reasoning/history.ts';
import { createSealer, type Sealer } from '../reasoning/sealer.ts';
import { createBudgetLedger, type BudgetLedger, type Standing } from '../routing/budgets.ts';
import { createAffinity, type Affinity } from '../routing/affinity.ts';
import { createHealth, type Health } from '../routing/health.ts';
import { latenciesSnapshotSchema } from '../routing/latencies.ts';
import { openDebugCapture } from './openDebugCapture.ts';
import { newId } from './ids.ts';
import { collectGarbage, createIdleCollection, readHeapSize } from './idleCollection.ts';
import { keptAffinity, notedAffinity } from './keptAffinity.ts';
import { keepCooldowns } from './keptCooldowns.ts';
import { openKeptFigures, stateFolder, type KeptFigures } from './keptFigures.ts';
import { keepQuotas } from './keptQuotas.ts';
import { keptRequests } from './keptRequests.ts';
import { keptSpending, notedSpending } from './keptSpending.ts';
import { createModelsDevCache } from './modelsDevCache.ts';
import { createModelsDevUpdater, modelsDevUrl, type ModelsDevUpdater } from './modelsDevUpdater.ts';
import { openShared, type Shared } from './redis/openShared.ts';
import { createTestVerdicts } from './testVerdicts.ts';
import { createReplaceableUpstream } from './replaceableUpstream.ts';
import { createResponseFiles, type ResponseFiles } from './responseFiles.ts';
import { createWindowModelOffers } from './windowModels/offers.ts';
import { createScopes, type Scopes } from './scopes.ts';
import { toRequestView } from './stateView.ts';
import { createStateChanges } from './stateChanges.ts';
import { createSubscribers, type Subscribers } from './subscribers.ts';
import { serviceHealth, targetViews, type ServiceHealth } from './targetHealth.ts';
import { watchConfig, type WatchedConfigOptions } from './watchedConfig.ts';

export type RunOptions = WatchedConfigOptions & {
  version: string;
  /**
   * The client token if the config requires one without naming it, so that terminals opened before a restart keep working.
   * Random by default.
   */
  clientToken?: string | undefined;
  /** Limit of simultaneous streams; 512 by default. */
  maxStreams?: number | undefined;
};

const defaultMaxStreams = 512;
/** Of the log, as windows get it. Characters. */
const longestLine = 2000;
/** 16 MiB of reasoning is weeks of one person's turns; 7 days let a conversation resume after a weekend. */
const memoryLimits = { maxTurns: 4096, maxBytes: 16 * 1024 * 1024, maxQuietMs: 7 * 24 * 60 * 60 * 1000 };

export type Parts = ReturnType<typeof createParts>;

/** Everything that lives as long as the gateway. */
export function createParts(given: RunOptions, telemetry: Telemetry | undefined) {
  const subscribers = createSubscribers(systemClock.now());
  const options = { ...given, log: sharedLog(given.log, subscribers) };
  const [scopes, windowModels] = [createScopes(), createWindowModelOffers()];
  let readNewState: (() => GatewayState) | undefined;
  const watched = watchConfig(options, ({ config }) => {
    connections.update(config);
    health.clearCooldowns();
    if (readNewState) subscribers.state(readNewState());
  });
  const { kept, shared, sealer, responses } = openState(options, () => watched.current().config, subscribers);
  const { figures, health, affinity, spending } = shared;
  const metrics = createMetrics(health.latencies, figures);
  const connections = createReplaceableUpstream(watched.current().config, options.environment);
  const upstream = (): Upstream => windowModels.over(connections.current());
  const modelsDev = openModelsDev(options, upstream);
  const config = (): Config => watched.current().config;
  const models = createModelCatalog({ config, learnt: modelsDev.catalog, now: systemClock.now });
  const facts = factsOf(models);
  const afterRequest = openIdleCollection(metrics);
  const captures = openDebugCapture(options, watched, sealer, (record) => toRequestView(record, facts.pricesOf));
  const changes = createStateChanges({
    clock: systemClock,
    targets: () => condition().targets,
    budgetLevels: () => gateway.budgets().map(levelOf),
    active: metrics.active,
    publish: () => readNewState && subscribers.state(readNewState()),
  });
  const finished = (record: RequestRecord): void => {
    kept.list('requests', subscribers.request(toRequestView(record, facts.pricesOf)));
    afterRequest();
    changes.noticed();
  };
  const gateway: Gateway = createGateway({
    settings: watched.current,
    upstream,
    ...facts,
    scope: (id) => scopes.get(id, watched.current().config),
    testVerdicts: createTestVerdicts(options.homeDirectory, systemClock.now),
    health,
    affinity,
    spending,
    memory: createReasoningMemory({ ...memoryLimits, now: systemClock.now }),
    metrics,
    observer: withTelemetry(watchRequests(createObserver({ metrics, figures }, finished), changes.noticed), telemetry),
    telemetry,
    log: options.log,
    clock: createGatewayClock(),
    random: Math.random,
    newId,
    sealer,
    common: responses ? { shelf: responses } : shared.common,
    startCapture: captures.start,
    maxStreams: options.maxStreams ?? defaultMaxStreams,
  });
  const condition = (): Condition => conditionNow(watched.current(), health, scopes, shared.problem());
  /** The state depends on the server, which is created later. */
  const setStateReader = (read: () => GatewayState): void => void (readNewState = read);
  return {
    health,
    condition,
    changes,
    metrics,
    figures,
    kept,
    responses,
    shared,
    scopes,
    subscribers,
    watched,
    modelsDev,
    models,
    gateway,
    upstream,
    windowModels,
    captures,
    log: options.log,
    setStateReader,
  };
}

function factsOf(models: ModelCatalog) {
  return {
    pricesOf: (target: ModelRef): Prices | undefined => models.factsOf(target).prices,
    windowOf: (target: ModelRef): number | undefined => models.factsOf(target).contextWindow,
    outputLimitOf: (target: ModelRef): number | undefined => models.factsOf(target).maxOutputTokens,
  };
}

type Condition = { targets: TargetView[]; health: ServiceHealth };

/** How the targets are now, and what that means for requests. */
function conditionNow(
  current: UsableConfig,
  health: Health,
  scopes: Scopes,
  sharedProblem: string | undefined,
): Condition {
  const now = systemClock.now();
  const targets = targetViews(current, health, now, scopes.routes(current.config));
  return { targets, health: serviceHealth(current, configHealth(current), targets, now, sharedProblem) };
}

/** Windows that do not run the gateway show its log, too. */
function sharedLog(log: Log, subscribers: Subscribers): Log {
  const share = (level: LogLine['level']) => (message: string) => {
    log[level](message);
    subscribers.log({ level, message: oneLine(message, longestLine), at: systemClock.now() });
  };
  return { error: share('error'), warn: share('warn'), info: share('info'), debug: log.debug };
}

function openModelsDev({ environment, homeDirectory, log }: RunOptions, upstream: () => Upstream): ModelsDevUpdater {
  return createModelsDevUpdater({
    url: environment['CCR_MODELS_DEV_URL'] || modelsDevUrl,
    upstream,
    cache: createModelsDevCache(homeDirectory, log),
    clock: systemClock,
    log,
  });
}

type State = { kept: KeptFigures; shared: Shared; sealer: Sealer; responses: ResponseFiles | undefined };

/** What a gateway knows, as it is kept over a restart and shared with other gateways. */
function openState(options: RunOptions, config: () => Config, subscribers: Subscribers): State {
  const sealer = openSealer(options);
  const { kept, ...own } = openFigures(options, config, subscribers);
  const shared = openShared({ figures: kept.figures, ...own }, config(), { ...options, sealer });
  return { kept, sealer, shared, responses: openResponses(options, config(), sealer) };
}

/** Undefined if stored responses end with this process, or are on Redis. */
function openResponses(
  { homeDirectory, log }: RunOptions,
  { Persistence }: Config,
  sealer: Sealer,
): ResponseFiles | undefined {
  if (Persistence.mode !== 'file' || !Persistence.keep_responses) return undefined;
  const folder = path.join(stateFolder(homeDirectory), 'responses');
  return createResponseFiles({ folder, sealer, clock: systemClock, log });
}

/** The figures, and with them the records of requests, the seats of conversations, latencies, cooldowns, quotas and what was spent. */
function openFigures(
  { homeDirectory, log }: RunOptions,
  config: () => Config,
  subscribers: Subscribers,
): { kept: KeptFigures; affinity: Affinity; health: Health; spending: BudgetLedger } {
  const affinity = createAffinity();
  const measured = createHealth();
  const ledger = createBudgetLedger();
  const cooldowns = keepCooldowns(measured, {
    config,
    note: (cooldown) => kept.note('cooldowns', cooldown),
    now: systemClock.now,
  });
  const quotas = keepQuotas(cooldowns.health, {
    note: (quota) => kept.note('quotas', quota),
    now: systemClock.now,
  });
  const latencies = {
    snapshot: measured.latenciesSnapshot,
    restore: (snapshot: unknown) => measured.restoreLatencies(latenciesSnapshotSchema.parse(snapshot)),
  };
  const kept = openKeptFigures({
    mode: config().Persistence.mode,
    homeDirectory,
    clock: systemClock,
    log,
    others: {
      seats: keptAffinity(affinity),
      latencies,
      cooldowns: cooldowns.kept,
      quotas: quotas.kept,
      spending: keptSpending(ledger),
    },
    lists: { requests: keptRequests(subscribers) },
  });
  return {
    kept,
    affinity: notedAffinity(affinity, (...seat) => kept.note('seats', ...seat)),
    health: quotas.health,
    spending: notedSpending(ledger, (...charge) => kept.note('spending', ...charge)),
  };
}

function openIdleCollection({ active }: Pick<Metrics, 'active'>): () => void {
  return createIdleCollection({
    clock: systemClock,
    active: () => active().requests,
    heapSize: readHeapSize,
    collect: collectGarbage,
  });
}

function openSealer({ homeDirectory, environment, log }: RunOptions): Sealer {
  const { key, olderKeys, problem } = loadSealKey(homeDirectory, randomBytes, environment['CCR_SEAL_KEY']);
  if (problem) log.warn(problem);
  return createSealer(key, randomBytes, olderKeys);
}

function levelOf({ share, budget }: Standing): number {
  return share >= 1 ? 2 : Number(share >= budget.softAt);
}
