import { clientAccess } from './clientAccess.ts';
import type { CliContext, ExitCode } from './context.ts';
import type { LocateOptions } from './locate.ts';

/** Prints the gateway's token for clients, for programs that ask for it such as Codex's `auth.command`. */
export async function tokenCommand(
  options: LocateOptions & { json?: boolean | undefined },
  context: CliContext,
): Promise<ExitCode> {
  const { token } = await clientAccess(options, context);
  context.print(options.json ? JSON.stringify({ token }) : token);
  return 0;
}
