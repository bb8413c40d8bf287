/** A command as Redis takes it, such as ['HINCRBYFLOAT', key, field, '1']. */
export type Command = readonly string[];

/** What a part of a gateway did, which the same part of the others repeats. JSON. */
export type Call = readonly [part: string, ...values: unknown[]];

export type Batch = { writes: Command[]; calls: Call[] };

/**
 * A state that follows from what all gateways did, and what to write of it as it is now. Of two gateways that change it at a
 * time neither knows all when it writes: the one that hears of the other before its own batch comes back writes it again.
 */
export type KeptState = readonly [name: string, writes: () => readonly Command[]];

/** Between two batches while Redis is away, lists keep the newest entries. */
const maxPushes = 2000;

/** What is to be sent. Commands for the same place are merged, so it stays small however long Redis is away. */
export type Outbox = {
  /** States are written as they are when a batch takes them. */
  add(writes: readonly Command[], calls: readonly Call[], states?: readonly KeptState[]): void;
  /** Another gateway changed a state. @returns whether it is to be written again, since that crossed a batch which has it */
  changed(name: string): boolean;
  /** A batch has arrived again: all gateways know of it, and this one of what was before. */
  heard(batch: string): void;
  /** Other gateways are told nothing of what is waiting. */
  dropCalls(): void;
  isEmpty(): boolean;
  /** The calls that wait. */
  calls(): readonly Call[];
  take(): Batch;
  /** The same with the states, as the batch of this id. */
  takeAll(id: string): Batch & { id: string };
};

export function createOutbox(): Outbox {
  let places = new Map<string, Command>();
  let pushes: Command[] = [];
  let calls: Call[] = [];
  const states = new Map<string, KeptState>();
  /** The states in batches that have not come back. */
  const crossing = new Map<string, { batch: string; state: KeptState }>();

  function take(): Batch {
    const batch = { writes: [...pushes, ...places.values()], calls };
    places = new Map();
    pushes = [];
    calls = [];
    return batch;
  }

  function write(command: Command): void {
    const [name = '', key = '', field = '', value = ''] = command;
    if (name === 'RPUSH') {
      pushes.push(command);
      if (pushes.length > maxPushes) pushes.shift();
      return;
    }
    // What was to be written to a key before it is deleted must not be merged with what comes after.
    if (name === 'DEL') for (const [place, [, each]] of places) if (each === key) places.delete(place);
    const place = placeOf(command);
    const before = name === 'HINCRBYFLOAT' ? places.get(place)?.[3] : undefined;
    places.delete(place);
    places.set(place, before === undefined ? command : [name, key, field, String(Number(before) + Number(value))]);
  }

  return {
    add(writes, more, kept = []) {
      writes.forEach(write);
      calls.push(...more);
      for (const state of kept) states.set(state[0], state);
    },
    changed(name) {
      const found = crossing.get(name);
      if (!found) return false;
      states.set(name, found.state);
      return true;
    },
    heard(batch) {
      for (const [name, each] of crossing) if (each.batch === batch) crossing.delete(name);
    },
    dropCalls: () => void (calls = []),
    isEmpty: () => places.size === 0 && pushes.length === 0 && calls.length === 0 && states.size === 0,
    calls: () => calls,
    take,
    takeAll(id) {
      for (const state of states.values()) {
        const [name, writes] = state;
        crossing.set(name, { batch: id, state });
        writes().forEach(write);
      }
      states.clear();
      return { id, ...take() };
    },
  };
}

/** A later command for the same place replaces the one before. A key that is set or deleted is one place. */
function placeOf([name = '', key = '', field = '', value = '']: Command): string {
  if (name === 'SET' || name === 'DEL') return `\n${key}`;
  if (name === 'ZADD') return `ZADD\n${key}\n${value}`;
  return `${name}\n${key}\n${name.startsWith('H') ? field : ''}`;
}
