import { randomBytes, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { configHealth } from '../config/health.ts';
import type { Config } from '../config/schema.ts';
import { createControlApi, type Steering } from '../control/api.ts';
import { controlProtocol, type GatewayState } from '../control/protocol.ts';
import { removeRunFile, runFolder, writeRunFile } from '../control/runFiles.ts';
import { loadSealKey } from '../control/sealKeyFile.ts';
import { systemClock } from '../gateway/clock.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { listModels } from '../gateway/listModels.ts';
import { createModelCatalog } from '../gateway/modelCatalog.ts';
import { createObserver } from '../gateway/observer.ts';
import { createUpstream, upstreamOptions } from '../gateway/upstream.ts';
import { createMetrics } from '../observe/metrics.ts';
import { createReasoningMemory } from '../reasoning/history.ts';
import { createSealer, type Sealer } from '../reasoning/sealer.ts';
import { createHealth } from '../routing/health.ts';
import { readJsonBody } from './body.ts';
import { sameSecret } from './guard.ts';
import { createHttpServer } from './httpServer.ts';
import { createLiveChecks } from './liveChecks.ts';
import { createLearntStore } from './learntStore.ts';
import { listen } from './listen.ts';
import { openLiveConfig, type LiveConfig, type LiveConfigOptions } from './liveConfig.ts';
import { createPages } from './pages.ts';
import { createLearntModels, modelsDevUrl } from './refreshCatalog.ts';
import { createScopes } from './scopes.ts';
import { stateView, toRequestView } from './stateView.ts';
import { createSubscribers } from './subscribers.ts';
import { createTokens, type Tokens } from './tokens.ts';

export type RunOptions = LiveConfigOptions & {
  version: string;
  /** For a config that requires a token and names none: so that terminals outlive a restart. Made up unless given. */
  clientToken?: string | undefined;
  /** Streams at once; 512 unless given. */
  maxStreams?: number | undefined;
};

export type RunningGateway = {
  port: number;
  host: string;
  url: string;
  /** As the control API shows it. */
  state(): GatewayState;
  /** Answers what runs for at most `drainMs`, then ends. */
  stop(drainMs: number): Promise<void>;
  /** Resolves when the gateway has ended, whoever asked for it. */
  closed: Promise<void>;
};

const defaultMaxStreams = 512;
/** `--shutdown-timeout`, in ms. */
export const defaultDrainMs = 30_000;
/** 16 MiB of reasoning is weeks of one person's turns. A conversation that was left on Friday goes on on Monday. */
const memoryLimits = { maxTurns: 4096, maxBytes: 16 * 1024 * 1024, maxQuietMs: 7 * 24 * 60 * 60 * 1000 };

/**
 * Runs a gateway in this thread until it is stopped, by whoever asks for it over the control API or by `stop`.
 * @throws ConfigError, PortInUseError.
 */
export async function runGateway(options: RunOptions): Promise<RunningGateway> {
  const parts = createParts(options);
  const { live } = parts;
  const host = live.current().config.HOST;
  const tokens = createTokens({ access: () => live.current().access, boundHost: host, given: options.clientToken });
  const identity = {
    host,
    version: options.version,
    startedAt: systemClock.now(),
    port: live.current().config.PORT,
    url: '',
  };
  const state = (): GatewayState => {
    const current = live.current();
    return stateView({
      current,
      problems: live.problems(),
      health: configHealth(current),
      scopes: parts.scopes.all(current.config),
      active: parts.metrics.active(),
      tokenRequired: tokens.client() !== undefined,
      identity,
    });
  };
  parts.onState(state);

  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();
  const ending = new AbortController();
  let stopping: Promise<void> | undefined;
  const stop = (drainMs: number): Promise<void> => (stopping ??= close(drainMs));

  const control = createControlApi({
    steering: createSteering(parts, tokens, state, stop, ending.signal),
    token: tokens.control,
    pid: process.pid,
    version: options.version,
    readBody: readJsonBody,
    isToken: (given) => sameSecret(given, tokens.control),
  });
  const server = createHttpServer({
    gateway: parts.gateway,
    control,
    pages: createPages({
      ...parts,
      config: () => live.current().config,
      isEnabled: live.isEnabled,
      configHealth: () => configHealth(live.current()),
      version: options.version,
      startedAt: Math.floor(identity.startedAt / 1000),
    }),
    guard: () => ({ ...guardLists(live), boundHost: host, port: identity.port, token: tokens.client() }),
    clientResponse: () => ({
      maxFrames: live.current().config.SSE_BUFFER_SIZE,
      onBackpressure: parts.metrics.backpressure,
    }),
  });

  async function close(drainMs: number): Promise<void> {
    live.close();
    try {
      removeRunFile(options.homeDirectory, identity.port, tokens.control);
    } catch (thrown) {
      options.log.warn(`The run file stays behind: ${String(thrown)}`);
    }
    control.close();
    ending.abort(new Error('The gateway ends.'));
    await drain(server, drainMs);
    await parts.upstream().destroy();
    resolveClosed();
  }

  try {
    identity.port = await listen(server, identity.port, host);
    announce(options, { host, port: identity.port, token: tokens.control });
  } catch (thrown) {
    live.close();
    server.close();
    throw thrown;
  }
  server.on('error', (error) => options.log.error(`The server: ${error.message}`));
  identity.url = `http://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${identity.port}`;
  const { port, url } = identity;
  return { port, host, url, state, stop, closed };
}

/** Writes the run file, by which windows and the command line find this gateway. */
function announce({ homeDirectory, version }: RunOptions, where: { host: string; port: number; token: string }): void {
  try {
    writeRunFile(homeDirectory, { ...where, pid: process.pid, version, protocol: controlProtocol });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`The run file in ${runFolder(homeDirectory)} can't be written: ${why}`, { cause: thrown });
  }
}

type Parts = ReturnType<typeof createParts>;

/** Everything that outlives a request, and lives as long as the gateway. */
function createParts(options: RunOptions) {
  const health = createHealth();
  const metrics = createMetrics(health.latencies);
  const scopes = createScopes();
  const subscribers = createSubscribers();
  let readState: (() => GatewayState) | undefined;
  const live = openLiveConfig(options, ({ config }) => {
    replaceUpstream(config);
    health.clearCooldowns();
    if (readState) subscribers.state(readState());
  });
  let connections = upstreamOptions(live.current().config, options.environment);
  let upstream = createUpstream(connections);

  /** Connections outlive a reload that does not concern them: each set holds a megabyte of certificates until it is collected. */
  function replaceUpstream(config: Config): void {
    const wanted = upstreamOptions(config, options.environment);
    if (isDeepStrictEqual(wanted, connections)) return;
    const before = upstream;
    connections = wanted;
    upstream = createUpstream(wanted);
    void before.close();
  }

  const learnt = createLearntModels({
    url: options.environment['CCR_MODELS_DEV_URL'] || modelsDevUrl,
    upstream: () => upstream,
    store: createLearntStore(options.homeDirectory, options.log),
    clock: systemClock,
    log: options.log,
  });
  const models = createModelCatalog({
    config: () => live.current().config,
    learnt: learnt.catalog,
    now: systemClock.now,
  });
  const gateway: Gateway = createGateway({
    settings: live.current,
    upstream: () => upstream,
    pricesOf: (target) => models.factsOf(target).prices,
    scope: (id) => scopes.get(id, live.current().config),
    health,
    memory: createReasoningMemory({ ...memoryLimits, now: systemClock.now }),
    metrics,
    observer: createObserver(metrics, (record) => subscribers.request(toRequestView(record))),
    log: options.log,
    clock: systemClock,
    random: Math.random,
    newId: (prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`,
    sealer: openSealer(options),
    maxStreams: options.maxStreams ?? defaultMaxStreams,
  });
  const onState = (read: () => GatewayState): void => void (readState = read);
  return { health, metrics, scopes, subscribers, live, learnt, models, gateway, upstream: () => upstream, onState };
}

function createSteering(
  { live, learnt, scopes, subscribers, upstream }: Parts,
  tokens: Tokens,
  state: () => GatewayState,
  stop: (drainMs: number) => Promise<void>,
  signal: AbortSignal,
): Steering {
  return {
    state,
    requests: subscribers.recent,
    setScope(id, choice) {
      scopes.set(id, choice, live.current().config);
      subscribers.state(state());
    },
    putSecrets: live.putSecrets,
    reload: live.reload,
    check: createLiveChecks({ current: live.current, upstream, clock: systemClock, signal }),
    models: ({ provider }) => listModels(provider, { upstream: upstream(), clock: systemClock }),
    refreshCatalog: learnt.refresh,
    clientToken: tokens.client,
    stop: (timeoutMs = defaultDrainMs) => void stop(timeoutMs),
    subscribe: subscribers.subscribe,
  };
}

function openSealer({ homeDirectory, log }: RunOptions): Sealer {
  const { key, problem } = loadSealKey(homeDirectory, randomBytes);
  if (problem) log.warn(problem);
  return createSealer(key, randomBytes);
}

function guardLists(live: LiveConfig): { allowedHosts: string[]; allowedOrigins: string[] } {
  const { allowedHosts, allowedOrigins } = live.current().config;
  return { allowedHosts, allowedOrigins };
}

/** Node fires a timer beyond this at once. */
const longestTimerMs = 2_147_483_647;

/** Takes no new connection, and ends those that are left after `drainMs`. */
async function drain(server: Server, drainMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cancel = systemClock.after(Math.min(drainMs, longestTimerMs), () => server.closeAllConnections());
  await ended;
  cancel();
}
