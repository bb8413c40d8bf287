import { systemClock, type Clock } from '../gateway/clock.ts';

/** A timer that waits. Those with the same delay form a ring, in the order in which they are due. */
type Entry = { callback: () => void; dueMs: number; previous: Entry; next: Entry };

/** How much too early a timer of the system may fire. Milliseconds. */
const slackMs = 1;

/**
 * Timers for limits, nearly all of which are cancelled: each request has several of the same few delays. One timer of the system
 * stands for all that have the same delay, and stays when they are cancelled, which costs a tenth of starting and clearing one for each.
 * It keeps the process alive only while one of them waits. `now`: a time that is never set back, in milliseconds.
 */
export function createTimerLists(now: () => number): (delayMs: number, callback: () => void) => () => void {
  const lists = new Map<number, ReturnType<typeof createList>>();
  return (delayMs, callback) => {
    let list = lists.get(delayMs);
    if (!list) lists.set(delayMs, (list = createList(delayMs, now, () => lists.delete(delayMs))));
    return list(callback);
  };
}

/** `forget`: nothing has waited for the whole delay. */
function createList(delayMs: number, now: () => number, forget: () => void): (callback: () => void) => () => void {
  const ring = createRing();
  let timer: NodeJS.Timeout | undefined;

  function fire(): void {
    try {
      for (let first = ring.next; first !== ring && first.dueMs <= now() + slackMs; first = ring.next) {
        remove(first);
        first.callback();
      }
    } finally {
      // Also if one of them failed: the others still wait.
      timer = ring.next === ring ? undefined : setTimeout(fire, Math.max(1, ring.next.dueMs - now()));
      if (!timer) forget();
    }
  }

  return (callback) => {
    const entry: Entry = { callback, dueMs: now() + delayMs, previous: ring.previous, next: ring };
    const wasEmpty = ring.previous === ring;
    ring.previous.next = entry;
    ring.previous = entry;
    if (!timer) timer = setTimeout(fire, delayMs);
    else if (wasEmpty) timer.ref();
    return () => {
      if (!remove(entry)) return;
      if (ring.next === ring) timer?.unref();
    };
  };
}

function createRing(): Entry {
  const ring = { callback: () => undefined, dueMs: 0 } as Partial<Entry> as Entry;
  ring.previous = ring;
  ring.next = ring;
  return ring;
}

/** False if it is in no ring any more. */
function remove(entry: Entry): boolean {
  const { previous, next } = entry;
  if (next === entry) return false;
  previous.next = next;
  next.previous = previous;
  entry.previous = entry;
  entry.next = entry;
  return true;
}

/** Limits are round; what is left of one is not, and few timers have the same odd delay. Milliseconds. */
const roundMs = 100;

/** The clock of what runs for each request. */
export function createGatewayClock(): Clock {
  const limitAfter = createTimerLists(() => performance.now());
  return {
    now: systemClock.now,
    after: (delayMs, callback) =>
      delayMs > 0 && delayMs % roundMs === 0 ? limitAfter(delayMs, callback) : systemClock.after(delayMs, callback),
  };
}
