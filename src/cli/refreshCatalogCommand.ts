import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';

/** Has the running gateway download models.dev's catalog of models. Exits with 1 when that fails. */
export async function refreshCatalogCommand(
  options: LocateOptions & { json?: boolean | undefined },
  context: CliContext,
): Promise<ExitCode> {
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr') {
    const message = `${describeAbsence(located)} Start it first: the gateway refreshes the catalog.`;
    if (options.json) context.print(JSON.stringify({ outcome: 'failed', message }));
    else context.complain(`ccr: ${message}`);
    return 1;
  }
  const refreshed = await located.client.refreshCatalog();
  const failed = refreshed.outcome === 'failed';
  if (options.json) context.print(JSON.stringify(refreshed));
  else if (failed) context.complain(`ccr: ${refreshed.message}`);
  else context.print(refreshed.message);
  return failed ? 1 : 0;
}
