import type { Server } from 'node:http';
import { messageOf } from '../canonical/errors.ts';
import type { Config } from '../config/schema.ts';
import { createControlApi, type ControlApi } from '../control/api.ts';
import { controlProtocol, type GatewayState, type Steering } from '../control/protocol.ts';
import { removeRunFile, runFolder, writeRunFile } from '../control/runFiles.ts';
import { systemClock } from '../gateway/clock.ts';
import { listModels } from '../gateway/listModels.ts';
import { readJsonBody } from './body.ts';
import { createBodyBudget } from './bodyBudget.ts';
import type { ClientResponseOptions } from './clientResponse.ts';
import { sameSecret, type GuardSettings } from './guard.ts';
import { drain } from './drain.ts';
import { createHttpServer } from './httpServer.ts';
import { createLiveChecks } from './liveChecks.ts';
import { listen } from './listen.ts';
import { modelViews } from './modelViews.ts';
import { createPages } from './pages.ts';
import { previewExchange, toPreviewView } from './preview.ts';
import { createParts, type Parts, type RunOptions } from './parts.ts';
import { stateView, type StateParts } from './stateView.ts';
import { openTelemetry as openTelemetryExport } from './telemetry/openTelemetry.ts';
import { createTokens, type Tokens } from './tokens.ts';

export type RunningGateway = {
  port: number;
  host: string;
  url: string;
  /** The same as `GET /ccr/state`. */
  state(): GatewayState;
  /** Stops accepting requests, waits up to `drainMs` for open ones, then ends. */
  stop(drainMs: number): Promise<void>;
  /** Resolves when the gateway has ended, for any reason. */
  closed: Promise<void>;
};

/** Of all bodies that are being answered. A body needs about six times its size. */
const maxBodiesBytes = 96 * 1024 * 1024;
/** `--shutdown-timeout`, in ms. */
export const defaultDrainMs = 30_000;
/** Where this gateway listens and since when. `port` and `url` are final once it listens. */
type Identity = StateParts['identity'];

/**
 * Runs a gateway in this thread until `stop` is called, here or over the control API.
 * @throws ConfigError, PortInUseError.
 */
export async function runGateway(options: RunOptions): Promise<RunningGateway> {
  const { environment, version, log } = options;
  const openTelemetry = await openTelemetryExport({ environment, version, log, clock: systemClock });
  const parts = await createPartsOrClose(options, openTelemetry);
  const { watched } = parts;
  const { HOST: host, PORT: port } = watched.current().config;
  const tokens = createTokens({ access: () => watched.current().access, boundHost: host, given: options.clientToken });
  const identity: Identity = { host, port, url: '', version: options.version, startedAt: systemClock.now() };
  const state = (): GatewayState => readState(parts, tokens, identity);
  parts.setStateReader(state);
  parts.captures.keepSecret(() => [tokens.control, tokens.client()]);
  openTelemetry.keepSecrets(parts.captures.secrets);

  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();
  const ending = new AbortController();
  let stopping: Promise<void> | undefined;
  const stop = (drainMs: number): Promise<void> => (stopping ??= close(drainMs));
  const control = createControlApi({
    steering: createSteering(parts, tokens, state, stop, ending.signal),
    token: tokens.control,
    pid: process.pid,
    version: options.version,
    readBody: (request) => readJsonBody(request),
    isToken: (given) => sameSecret(given, tokens.control),
  });
  const server = createServer(parts, control, tokens, identity);

  async function close(drainMs: number): Promise<void> {
    watched.close();
    parts.changes.stop();
    removeOwnRunFile(options, identity.port, tokens.control);
    control.close();
    ending.abort(new Error('The gateway is shutting down.'));
    await drain(server, drainMs);
    await parts.upstream().destroy();
    await parts.captures.idle();
    await parts.responses?.close();
    await parts.shared.close();
    parts.kept.close();
    await openTelemetry.close();
    resolveClosed();
  }

  try {
    await parts.shared.start();
    identity.port = await listen(server, port, host);
    publishRunFile(options, { host, port: identity.port, token: tokens.control });
  } catch (thrown) {
    watched.close();
    await parts.shared.close();
    await parts.responses?.close();
    parts.kept.close();
    server.close();
    await openTelemetry.close();
    throw thrown;
  }
  server.on('error', (error) => options.log.error(`HTTP server error: ${error.message}`));
  identity.url = `http://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${identity.port}`;
  return { port: identity.port, host, url: identity.url, state, stop, closed };
}

/** What exports telemetry ends with a gateway that can't start, for example because its config is invalid. */
export async function createPartsOrClose(
  options: RunOptions,
  { telemetry, close }: Pick<Awaited<ReturnType<typeof openTelemetryExport>>, 'telemetry' | 'close'>,
): Promise<Parts> {
  try {
    return createParts(options, telemetry);
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Writes the run file, by which windows and the CLI find this gateway. */
function publishRunFile(options: RunOptions, address: { host: string; port: number; token: string }): void {
  const { homeDirectory, version } = options;
  try {
    writeRunFile(homeDirectory, { ...address, pid: process.pid, version, protocol: controlProtocol });
  } catch (thrown) {
    throw new Error(`Can't write the run file in ${runFolder(homeDirectory)}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function removeOwnRunFile({ homeDirectory, log }: RunOptions, port: number, token: string): void {
  try {
    removeRunFile(homeDirectory, port, token);
  } catch (thrown) {
    log.warn(`Can't remove the run file in ${runFolder(homeDirectory)}: ${messageOf(thrown)}`);
  }
}

function readState(parts: Parts, tokens: Tokens, identity: Identity): GatewayState {
  const { watched, scopes, metrics } = parts;
  const current = watched.current();
  return stateView({
    current,
    problems: watched.problems(),
    ...parts.condition(),
    budgets: parts.gateway.budgets(),
    scopes: scopes.all(current.config),
    active: metrics.active(),
    tokenRequired: tokens.client() !== undefined,
    identity,
  });
}

function createServer(parts: Parts, control: ControlApi, tokens: Tokens, identity: Identity): Server {
  const { log, gateway, watched, metrics, models, health } = parts;
  const config = (): Config => watched.current().config;
  const guard = (): GuardSettings => {
    const { allowedHosts, allowedOrigins, refuseOtherUsers } = config();
    return {
      allowedHosts,
      allowedOrigins,
      refuseOtherUsers,
      boundHost: identity.host,
      port: identity.port,
      token: tokens.client(),
    };
  };
  const pages = createPages({
    models,
    health,
    figures: parts.figures,
    active: metrics.active,
    now: systemClock.now,
    config,
    isEnabled: watched.isEnabled,
    condition: parts.condition,
    version: identity.version,
    startedAt: Math.floor(identity.startedAt / 1000),
  });
  const clientResponse = (id: string): ClientResponseOptions => {
    const { SSE_BUFFER_SIZE: maxFrames, CLIENT_WRITE_TIMEOUT_MS: writeTimeoutMs } = config();
    const message = `The client took nothing of its answer for ${writeTimeoutMs / 1000} s and was disconnected (${id}).`;
    return { maxFrames, onBackpressure: metrics.backpressure, writeTimeoutMs, onStalled: () => log.warn(message) };
  };
  const bodies = createBodyBudget(maxBodiesBytes, systemClock);
  return createHttpServer({ gateway, control, pages, metrics, guard, clientResponse, bodies });
}

function createSteering(
  { watched, modelsDev, scopes, subscribers, upstream, windowModels, gateway, models, health, figures }: Parts,
  tokens: Tokens,
  state: () => GatewayState,
  stop: (drainMs: number) => Promise<void>,
  ending: AbortSignal,
): Steering {
  return {
    state,
    requests: subscribers.recent,
    preview: (preview) =>
      toPreviewView(gateway.preview(previewExchange(preview)), (target) => models.factsOf(target).prices),
    setScope(id, choice) {
      scopes.set(id, choice, watched.current().config);
      subscribers.state(state());
    },
    putSecrets: watched.putSecrets,
    offerModels: windowModels.set,
    reload: watched.reload,
    check: createLiveChecks({
      current: watched.current,
      answered(model) {
        health.note({ ...model, tier: '' }, { result: 'answered', atMs: systemClock.now() });
        subscribers.state(state());
      },
      upstream,
      clock: systemClock,
      signal: ending,
    }),
    models: ({ provider }) => listModels(provider, { upstream: upstream(), clock: systemClock }),
    listModels: () => modelViews(watched.current().config, models.factsOf),
    refreshCatalog: modelsDev.refresh,
    clearStats: figures.clear,
    clientToken: tokens.client,
    stop: (timeoutMs = defaultDrainMs) => void stop(timeoutMs),
    subscribe: subscribers.subscribe,
    logLines: subscribers.logLines,
  };
}
