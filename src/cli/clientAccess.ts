import { loadConfig } from '../config/load.ts';
import { placeholderKey } from '../config/placeholder.ts';
import type { CliContext } from './context.ts';
import { describeAbsence, expectedAddress, locateGateway, type LocateOptions } from './locate.ts';

/** What a client needs to use the gateway. */
export type ClientAccess = {
  /** Without `/v1`. */
  url: string;
  /** The token for clients, or the placeholder when none is required. */
  token: string;
  /** A sentence if no gateway runs; the other fields then come from the config. */
  absence?: string;
};

/** From the running gateway, else from the config. */
export async function clientAccess(options: LocateOptions, context: CliContext): Promise<ClientAccess> {
  const located = await locateGateway(options, context);
  if (located.kind === 'ccr') {
    return { url: located.client.url, token: (await located.client.clientToken()) ?? placeholderKey };
  }
  return {
    url: expectedUrl(options, context),
    token: configToken(options, context) ?? placeholderKey,
    absence: describeAbsence(located),
  };
}

function expectedUrl(options: LocateOptions, context: CliContext): string {
  const { host, port } = expectedAddress(options, context);
  const bare = host.replaceAll(/[[\]]/g, '');
  const reachable = bare === '0.0.0.0' || bare === '::' ? '127.0.0.1' : bare;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

function configToken(
  { config }: LocateOptions,
  { environment, homeDirectory, currentDirectory }: CliContext,
): string | undefined {
  const loaded = loadConfig({ file: config, environment, homeDirectory, workspaceFolder: currentDirectory });
  return loaded.usable && loaded.access.required ? loaded.access.token : undefined;
}
