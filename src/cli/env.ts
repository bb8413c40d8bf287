import { loadConfig } from '../config/load.ts';
import { placeholderKey } from '../config/placeholder.ts';
import type { CliContext, ExitCode } from './context.ts';
import { clientVariables, exportLine, type Client, type Shell } from './exports.ts';
import { describeAbsence, expectedAddress, locateGateway, type LocateOptions } from './locate.ts';

export type EnvOptions = LocateOptions & { shell: Shell; client?: Client | undefined; json?: boolean | undefined };

/** Prints the variables that make the clients of a shell use CCR: `eval "$(ccr env)"`. */
export async function env(options: EnvOptions, context: CliContext): Promise<ExitCode> {
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr') context.complain(`ccr: ${describeAbsence(located)} Start it with "ccr start".`);
  const [url, token] =
    located.kind === 'ccr'
      ? [located.client.url, await located.client.clientToken()]
      : [expectedUrl(options, context), configToken(options, context)];
  const variables = clientVariables(url, token ?? placeholderKey, context.environment, options.client);
  if (options.json) context.print(JSON.stringify(variables));
  else for (const [name, value] of Object.entries(variables)) context.print(exportLine(options.shell, name, value));
  return 0;
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
