/** A command as Redis takes it, such as ['HINCRBYFLOAT', key, field, '1']. */
export type Command = readonly string[];

/** What a part of a gateway did, which the same part of the others repeats. JSON. */
export type Call = readonly [part: string, ...values: unknown[]];

export type Batch = { writes: Command[]; calls: Call[] };

/** Between two batches while Redis is away, lists keep the newest entries. */
const maxPushes = 2000;

/** What is to be sent. Commands for the same place are merged, so it stays small however long Redis is away. */
export type Outbox = {
  add(writes: readonly Command[], calls: readonly Call[]): void;
  /** Other gateways are told nothing of what is waiting. */
  dropCalls(): void;
  isEmpty(): boolean;
  /** The calls that wait. */
  calls(): readonly Call[];
  take(): Batch;
};

export function createOutbox(): Outbox {
  let places = new Map<string, Command>();
  let pushes: Command[] = [];
  let calls: Call[] = [];

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
    add(writes, more) {
      writes.forEach(write);
      calls.push(...more);
    },
    dropCalls: () => void (calls = []),
    isEmpty: () => places.size === 0 && pushes.length === 0 && calls.length === 0,
    calls: () => calls,
    take() {
      const batch = { writes: [...pushes, ...places.values()], calls };
      places = new Map();
      pushes = [];
      calls = [];
      return batch;
    },
  };
}

/** A later command for the same place replaces the one before. A key that is set or deleted is one place. */
function placeOf([name = '', key = '', field = '', value = '']: Command): string {
  if (name === 'SET' || name === 'DEL') return `\n${key}`;
  if (name === 'ZADD') return `ZADD\n${key}\n${value}`;
  return `${name}\n${key}\n${name.startsWith('H') ? field : ''}`;
}
