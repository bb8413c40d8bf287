import { setTimeout as delay } from 'node:timers/promises';
import { isListening, type ControlClient } from '../control/client.ts';
import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';

export type StopOptions = LocateOptions & {
  /** How long running requests may take to finish. Seconds. */
  shutdownTimeout: number;
  json?: boolean | undefined;
};

/** How often to check whether the gateway has ended. Milliseconds. */
const pollIntervalMs = 50;
/** How long closing may take after the drain. Milliseconds. */
const closingTimeMs = 5_000;

/** Stops the running gateway and waits until it has ended. Succeeds when none runs. */
export async function stop(options: StopOptions, context: CliContext): Promise<ExitCode> {
  const located = await locateGateway(options, context);
  const report = (stopped: boolean, port: number, message: string): void =>
    context.print(options.json ? JSON.stringify({ stopped, port, message }) : message);
  if (located.kind !== 'ccr') {
    report(false, located.port, describeAbsence(located));
    return 0;
  }
  const { client } = located;
  await client.stop(options.shutdownTimeout * 1000);
  const ended = await hasEnded(client, options.shutdownTimeout * 1000 + closingTimeMs);
  const which = `CCR on port ${client.port} (pid ${client.pid})`;
  report(ended, client.port, ended ? `Stopped ${which}.` : `${which} is still running.`);
  return ended ? 0 : 1;
}

async function hasEnded(client: ControlClient, withinMs: number): Promise<boolean> {
  const { hostname } = new URL(client.url);
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (!(await isListening(hostname.replaceAll(/[[\]]/g, ''), client.port))) return true;
    await delay(pollIntervalMs);
  }
  return false;
}
