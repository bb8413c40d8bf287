import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../gateway/clock.ts';

/** Bytes of this thread's heap: what V8 holds, buffers included, and what of it is in use. */
export type HeapSize = { held: number; used: number };

export type IdleCollectionParts = {
  clock: Clock;
  /** Requests that are being answered now. */
  active(): number;
  heapSize(): HeapSize;
  collect(): void;
};

const quietMs = 5000;
/** After the start, whose garbage is collected whatever its size: it is a quarter of what an idle gateway takes. Milliseconds. */
const startMs = 1500;
/** A collection takes about 25 ms, and the next requests make V8 grow its heap again: not for less than this. Bytes. */
const leastSpare = 32 * 1024 * 1024;

/**
 * Collects garbage when no request has been answered for some seconds and V8 holds much more than was in use after the last
 * collection. V8 starts none without allocations, so an idle gateway would keep the heap of its busiest minute forever. A
 * collection also starts V8's own memory reducer, which returns the pages to the system some seconds later.
 *
 * The result is to be called at the end of each request. It also collects what the start has left, once. No timer runs while the
 * gateway is idle.
 */
export function createIdleCollection({ clock, active, heapSize, collect }: IdleCollectionParts): () => void {
  let lastUsed = heapSize().used;
  let lastEnd = 0;
  let isWaiting = false;
  let isStarting = true;

  function wait(delayMs: number): void {
    isWaiting = true;
    clock.after(delayMs, check);
  }

  function check(): void {
    isWaiting = false;
    // Its end is reported too.
    if (active() > 0) return;
    const leftMs = lastEnd + quietMs - clock.now();
    if (leftMs > 0) return wait(leftMs);
    if (!isStarting && heapSize().held < lastUsed + leastSpare) return;
    isStarting = false;
    collect();
    lastUsed = heapSize().used;
  }

  wait(startMs);
  return () => {
    lastEnd = clock.now();
    if (!isWaiting) wait(quietMs);
  };
}

export function readHeapSize(): HeapSize {
  const { total_heap_size, used_heap_size, external_memory } = getHeapStatistics();
  return { held: total_heap_size + external_memory, used: used_heap_size };
}

/** Collects the garbage of this thread. The flag only affects contexts that are created while it is set. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  try {
    const collectNow: unknown = runInNewContext('globalThis.gc');
    if (typeof collectNow === 'function') collectNow();
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
