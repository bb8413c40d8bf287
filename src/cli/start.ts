import { attach } from '../control/client.ts';
import { createLog, type Log } from '../observe/log.ts';
import { PortInUseError } from '../server/listen.ts';
import { ConfigError } from '../server/watchedConfig.ts';
import { runGateway, type RunningGateway } from '../server/run.ts';
import { limitHeapGrowth } from '../server/heapGrowth.ts';
import type { CliContext, ExitCode } from './context.ts';
import { logLevelOf } from './logLevel.ts';
import { findPortOwner } from './portOwner.ts';

export type StartOptions = {
  host?: string | undefined;
  port?: number | undefined;
  config?: string | undefined;
  maxStreams: number;
  /** Seconds. */
  shutdownTimeout: number;
  json?: boolean | undefined;
};

/** Runs the gateway until it is stopped. The first signal drains it, the second one ends the process at once. */
export async function start(options: StartOptions, context: CliContext): Promise<ExitCode> {
  limitHeapGrowth();
  const log = stderrLog(context);
  let gateway: RunningGateway;
  try {
    gateway = await runGateway({
      file: options.config,
      environment: context.environment,
      homeDirectory: context.homeDirectory,
      workspaceFolder: context.currentDirectory,
      overrides: { port: options.port, host: options.host },
      version: context.version,
      maxStreams: options.maxStreams,
      log,
    });
  } catch (error) {
    context.complain(`ccr: ${await explainFailure(error, context)}`);
    return 1;
  }
  announce(gateway, options, context);
  const release = onStopSignal((count) => stopOnSignal(gateway, count, options, context));
  await gateway.closed;
  release();
  return 0;
}

function stderrLog({ environment, complain }: CliContext): Log {
  const level = logLevelOf(environment);
  return createLog(
    () => level,
    (level, message) => complain(`${new Date().toISOString()} ${level} ${message}`),
  );
}

function announce(gateway: RunningGateway, { json }: StartOptions, { print, complain }: CliContext): void {
  const state = gateway.state();
  if (json) {
    print(JSON.stringify({ ...state, event: 'ready' }));
    return;
  }
  const config =
    state.source === 'demo' ? `no config at ${state.configFile}; using the built-in demo` : state.configFile;
  print(`CCR ${state.version} is ready at ${gateway.url} (${state.status}; ${config})`);
  for (const reason of state.reasons) complain(`degraded: ${reason}`);
}

function onStopSignal(listener: (count: number) => void): () => void {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let count = 0;
  const receive = (): void => listener(++count);
  for (const signal of signals) process.on(signal, receive);
  return () => signals.forEach((signal) => process.off(signal, receive));
}

function stopOnSignal(
  gateway: RunningGateway,
  count: number,
  { shutdownTimeout }: StartOptions,
  { complain }: CliContext,
): void {
  if (count > 1) process.exit(130);
  const { requests } = gateway.state().active;
  if (requests > 0) {
    complain(
      `Stopping: waiting up to ${shutdownTimeout} s for ${requests} requests. Press Ctrl+C again to stop at once.`,
    );
  }
  void gateway.stop(shutdownTimeout * 1000);
}

async function explainFailure(error: unknown, context: CliContext): Promise<string> {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof PortInUseError) return explainPort(error, context);
  if (isNodeError(error) && error.code === 'EACCES') return `No permission to listen on this address: ${error.message}`;
  if (isNodeError(error) && (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')) {
    return `This machine has no such address to listen on: ${error.message}`;
  }
  throw error;
}

async function explainPort({ port, suggestedPort }: PortInUseError, context: CliContext): Promise<string> {
  const occupant = await attach({ homeDirectory: context.homeDirectory, port });
  if (occupant.kind === 'ccr') {
    const { version, pid, url } = occupant.client;
    return `CCR ${version} is already running on port ${port} (pid ${pid}): ${url}. Stop it with "ccr stop", or choose another --port.`;
  }
  const owner = findPortOwner(port, context.platform);
  const by = owner ? ` by ${owner.name} (pid ${owner.pid})` : ' by another program';
  const advice = suggestedPort === undefined ? 'Choose another --port.' : `Try: ccr start --port ${suggestedPort}`;
  return `Port ${port} is in use${by}. ${advice}`;
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
