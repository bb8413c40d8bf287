import type { CliContext, ExitCode } from './context.ts';
import { clientAccess } from './clientAccess.ts';
import { clientVariables, exportLine, type Client, type Shell } from './exports.ts';
import type { LocateOptions } from './locate.ts';

export type EnvOptions = LocateOptions & { shell: Shell; client?: Client | undefined; json?: boolean | undefined };

/** Prints the variables that make the clients of a shell use CCR: `eval "$(ccr env)"`. */
export async function env(options: EnvOptions, context: CliContext): Promise<ExitCode> {
  const { url, token, absence } = await clientAccess(options, context);
  if (absence !== undefined) context.complain(`ccr: ${absence} Start it with "ccr start".`);
  const variables = clientVariables(url, token, context.environment, options.client);
  if (options.json) context.print(JSON.stringify(variables));
  else for (const [name, value] of Object.entries(variables)) context.print(exportLine(options.shell, name, value));
  return 0;
}
