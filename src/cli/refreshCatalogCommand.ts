import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';

/** Has the running gateway ask models.dev what it knows of models. 1 when nothing could be learnt. */
export async function refreshCatalogCommand(
  options: LocateOptions & { json?: boolean | undefined },
  context: CliContext,
): Promise<ExitCode> {
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr') {
    const message = `${describeAbsence(located)} The gateway is what asks models.dev: start it first.`;
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
