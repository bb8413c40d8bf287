import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * The size from which V8's young generation grows no more. V8's own limit is 128 MB, which it reaches after some thousand requests and
 * keeps. Bytes.
 */
const mostBytes = 16 * 1024 * 1024;

/** Of this thread, as committed. Bytes. */
export function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}

/**
 * By how much it may grow beyond what was in use after the last full collection. V8's own choice is 20 to 30 % once it has been idle, and
 * several times as much before. Percent.
 */
const growthPercent = 50;

/**
 * Keeps the young generation of a process at some 16 MB, and the old one at one and a half times what is in use: with less, many
 * collections cost code that V8 has compiled, and with more, memory. Only for a process of our own: flags apply to all of its threads, and
 * a thread of another program gets its limit when it starts.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  let grows = true;
  // A garbage collection is the only time at which V8 grows the young generation.
  new PerformanceObserver(() => {
    // After an idle collection it is small, and may grow again.
    const isBelow = youngBytes() < mostBytes;
    if (isBelow === grows) return;
    grows = isBelow;
    setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
  }).observe({ entryTypes: ['gc'] });
}
