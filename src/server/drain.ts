import type { Server } from 'node:http';
import { systemClock } from '../gateway/clock.ts';

/** Node fires a timer with a longer delay at once. */
const longestTimerMs = 2_147_483_647;

/** Accepts no more connections, and closes those that are still open after `drainMs`. */
export async function drain(server: Server, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cancel = systemClock.after(Math.min(drainMs, longestTimerMs), () => server.closeAllConnections());
  await closed;
  cancel();
}
