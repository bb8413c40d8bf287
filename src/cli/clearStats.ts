import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';

/** Sets the statistics of the running gateway back to zero. Exits with 1 when none runs. */
export async function clearStats(
  options: LocateOptions & { json?: boolean | undefined },
  context: CliContext,
): Promise<ExitCode> {
  const located = await locateGateway(options, context);
  const isRunning = located.kind === 'ccr';
  if (isRunning) await located.client.clearStats();
  const message = isRunning
    ? `Cleared the statistics of CCR on port ${located.client.port}.`
    : `${describeAbsence(located)} Start it first: the gateway clears its statistics.`;
  if (options.json) context.print(JSON.stringify({ cleared: isRunning, message }));
  else if (isRunning) context.print(message);
  else context.complain(`ccr: ${message}`);
  return isRunning ? 0 : 1;
}
