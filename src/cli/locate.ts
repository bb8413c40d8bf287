import { isLoopbackHost } from '../config/access.ts';
import { loadConfig } from '../config/load.ts';
import { attach, type ControlClient } from '../control/client.ts';
import { readRunFiles } from '../control/runFiles.ts';
import type { CliContext } from './context.ts';

export type Located =
  | { kind: 'ccr'; client: ControlClient }
  /** Another program listens on a port where CCR was expected. */
  | { kind: 'stranger'; port: number }
  | { kind: 'nobody'; port: number };

export type LocateOptions = { port?: number | undefined; config?: string | undefined };

/**
 * Finds the running gateway: on `--port`, else at CCR_URL, else by its run file, else on the config's port. When none
 * runs, `port` is the one where it was expected.
 */
export async function locateGateway(options: LocateOptions, context: CliContext): Promise<Located> {
  const expected = expectedAddress(options, context);
  let stranger: number | undefined;
  for (const port of candidatePorts(options, expected.port, context)) {
    const occupant = await attach({ homeDirectory: context.homeDirectory, port, host: expected.host });
    if (occupant.kind === 'ccr') return occupant;
    if (occupant.kind === 'stranger') stranger ??= port;
  }
  return stranger === undefined ? { kind: 'nobody', port: expected.port } : { kind: 'stranger', port: stranger };
}

function candidatePorts(options: LocateOptions, expectedPort: number, context: CliContext): Set<number> {
  if (options.port !== undefined) return new Set([options.port]);
  const running = readRunFiles(context.homeDirectory).map(({ port }) => port);
  const fromUrl = portOf(context.environment['CCR_URL']);
  return new Set([
    ...(fromUrl === undefined ? [] : [fromUrl]),
    // Of several gateways, prefer the one on the config's port.
    ...running.filter((port) => port === expectedPort),
    ...running,
    ...(expectedPort === 0 ? [] : [expectedPort]),
  ]);
}

/** Where a gateway with this config would listen; the default address when the config can't be read. */
export function expectedAddress(options: LocateOptions, context: CliContext): { host: string; port: number } {
  const loaded = loadConfig({
    file: options.config,
    environment: context.environment,
    homeDirectory: context.homeDirectory,
    workspaceFolder: context.currentDirectory,
  });
  const { HOST: host, PORT: port } = loaded.usable ? loaded.config : { HOST: '127.0.0.1', PORT: 3456 };
  return { host, port: options.port ?? port };
}

/** CCR_URL without trailing slashes and `/v1`. */
export function gatewayUrl(environment: NodeJS.ProcessEnv): string | undefined {
  const url = environment['CCR_URL'];
  return url === undefined || !URL.canParse(url) ? undefined : url.replace(/\/+$/, '').replace(/\/v1$/, '');
}

function portOf(url: string | undefined): number | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed && isLoopbackHost(parsed.hostname) && parsed.port !== '' ? Number(parsed.port) : undefined;
}

/** One line that says that no gateway runs. */
export function describeAbsence(located: Exclude<Located, { kind: 'ccr' }>): string {
  return located.kind === 'nobody'
    ? `CCR is not running (port ${located.port}).`
    : `CCR is not running: another program uses port ${located.port}.`;
}
