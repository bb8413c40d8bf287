import { setTimeout as delay } from 'node:timers/promises';
import { oneLine } from '../canonical/visibleText.ts';
import type { ControlClient } from '../control/client.ts';
import type { LogLine } from '../control/protocol.ts';
import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';

export type LogsOptions = LocateOptions & {
  follow?: boolean | undefined;
  /** How many of the latest lines are printed first. */
  lines: number;
  json?: boolean | undefined;
};

/** How often to look for the next gateway. Milliseconds. */
const defaultRetryMs = 500;

/**
 * Prints the latest lines of the running gateway's log, which it keeps in memory, wherever it runs. With `follow` also each new
 * one, over restarts, until `stopping` aborts. Exits with 1 if no gateway runs.
 */
export async function logs(
  { follow = false, lines, json, ...where }: LogsOptions,
  context: CliContext,
  stopping: AbortSignal = stopSignal(),
  retryMs = defaultRetryMs,
): Promise<ExitCode> {
  const located = await locateGateway(where, context);
  if (located.kind !== 'ccr') {
    const message = `${describeAbsence(located)} Its log is kept by the gateway itself.`;
    if (json) context.print(JSON.stringify({ error: message }));
    else context.complain(`ccr: ${message}`);
    return 1;
  }
  let last = 0;
  const show = (line: LogLine): void => {
    // Those before were printed already.
    if (line.cursor !== undefined && line.cursor <= last) return;
    last = line.cursor ?? last;
    context.print(
      json
        ? JSON.stringify({ at: line.at, level: line.level, message: line.message, cursor: line.cursor })
        : describeLine(line),
    );
  };
  const latest = await located.client.log();
  last = latest.at(-lines - 1)?.cursor ?? 0;
  if (lines > 0) latest.slice(-lines).forEach(show);
  last = latest.at(-1)?.cursor ?? last;
  let client: ControlClient | undefined = follow ? located.client : undefined;
  while (client && !stopping.aborted) {
    await client.events((event) => {
      if (event.type === 'log') show(event);
    }, stopping);
    if (stopping.aborted) break;
    context.complain('ccr: The gateway has stopped. Waiting for the next one.');
    client = await nextGateway(where, context, stopping, retryMs);
  }
  return 0;
}

async function nextGateway(
  where: LocateOptions,
  context: CliContext,
  stopping: AbortSignal,
  retryMs: number,
): Promise<ControlClient | undefined> {
  while (!stopping.aborted) {
    const located = await locateGateway(where, context);
    if (located.kind === 'ccr') return located.client;
    await delay(retryMs, undefined, { signal: stopping }).catch(() => undefined);
  }
  return undefined;
}

/** As the gateway writes it to its own output. */
function describeLine({ at, level, message }: LogLine): string {
  const time = at === undefined ? '' : `${new Date(at).toISOString()} `;
  return `${time}${level} ${oneLine(message)}`;
}

/** Aborts on Ctrl+C, and when the reader of the output is gone. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  process.stdout.once('error', stop);
  return stopping.signal;
}
