import type { Clock } from '../../gateway/clock.ts';
import type { Connection } from './openConnection.ts';

/** The quickest of some answers says it best: what else waits in this process makes others late. */
const measurements = 3;

/** How far the clock of Redis is ahead of this gateway's. Milliseconds. */
export async function clockOffset(connection: Connection, clock: Pick<Clock, 'now'>): Promise<number> {
  let [quickestMs, offsetMs] = [Infinity, 0];
  for (let count = 0; count < measurements; count++) {
    const startedAt = clock.now();
    const time = await connection.command(['TIME']);
    const tookMs = clock.now() - startedAt;
    if (tookMs >= quickestMs) continue;
    quickestMs = tookMs;
    offsetMs = unixMs(time) - (startedAt + tookMs / 2);
  }
  return offsetMs;
}

/** Of the reply to TIME. */
function unixMs(reply: unknown): number {
  const [seconds = 0, microseconds = 0] = (reply as string[]).map(Number);
  return seconds * 1000 + microseconds / 1000;
}
