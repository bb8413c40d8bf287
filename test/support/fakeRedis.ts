import type { Connection, OpenConnection } from '../../src/server/redis/openConnection.ts';
import type { Command } from '../../src/server/redis/outbox.ts';
import { readUntil, writeBatch, writeFirst } from '../../src/server/redis/scripts.ts';

/** As much of Redis as the link uses, in memory, for any number of gateways. */
export type FakeRedis = {
  open: OpenConnection;
  hashes: Map<string, Map<string, string>>;
  /** The messages so far. */
  published: string[];
  /** Commands neither fail nor are answered, until it is false again. */
  freeze(isFrozen: boolean): void;
  /** All connections are lost, and commands fail until `comeBack`. */
  goAway(): void;
  comeBack(): void;
  /** The next batch is written, but its answer is lost with the connection. */
  loseNextAnswer(): void;
  /** The next message does not arrive anywhere. */
  loseNextMessage(): void;
  /** Sends a text to all, as another program may. */
  publish(text: string): void;
  loseData(): void;
};

type Handlers = Parameters<OpenConnection>[0];

export function createFakeRedis(now: () => number): FakeRedis {
  const hashes: FakeRedis['hashes'] = new Map();
  const strings = new Map<string, string>();
  const gateways = new Set<Handlers>();
  const published: string[] = [];
  const waiting: (() => void)[] = [];
  const state = { isFrozen: false, isAway: false, losesAnswer: false, losesMessage: false };

  function publish(text: string): void {
    published.push(text);
    if (state.losesMessage) state.losesMessage = false;
    else for (const { message } of gateways) message(text);
  }

  function next(key: string): number {
    const number = Number(strings.get(key) ?? now() * 1000) + 1;
    strings.set(key, String(number));
    return number;
  }

  function write([name, key = '', field = '', value = '']: Command): void {
    const hash = hashes.get(key) ?? new Map<string, string>();
    if (name === 'SET') strings.set(key, field);
    if (name === 'DEL') strings.delete(key);
    if (name === 'HSET') hashes.set(key, hash.set(field, value));
    if (name === 'HINCRBYFLOAT') hashes.set(key, hash.set(field, String(Number(hash.get(field) ?? 0) + Number(value))));
  }

  /** Names and values of the keys that start so. None ends. */
  function startingWith(start: string): string[] {
    return [...strings].flatMap(([key, value]) => (key.startsWith(start) ? [key.slice(start.length), value] : []));
  }

  function run([name = '', ...parameters]: Command): unknown {
    const [first = '', , second = '', third = '', fourth = '', fifth = ''] = parameters;
    if (name === 'TIME') return [String(Math.floor(now() / 1000)), String((now() % 1000) * 1000)];
    if (name === 'EXISTS') return Number(strings.has(first));
    if (name === 'GET') return strings.get(first) ?? null;
    if (name === 'HGETALL') return [...(hashes.get(first) ?? [])].flat();
    if (first === readUntil) return startingWith(third);
    if (first === writeFirst) {
      if (strings.has(second)) return 0;
      strings.set(second, fifth);
      (JSON.parse(fourth) as Command[]).forEach(write);
      next(third);
      return 1;
    }
    if (first !== writeBatch || strings.has(second)) return 0;
    strings.set(second, '1');
    (JSON.parse(fourth) as Command[]).forEach(write);
    publish(`${next(third)} ${fifth}`);
    return 1;
  }

  async function answer<T>(read: () => T): Promise<T> {
    if (state.isAway) throw new Error('not connected');
    if (state.isFrozen) await new Promise<void>((resolve) => waiting.push(resolve));
    const reply = read();
    if (!state.losesAnswer) return reply;
    state.losesAnswer = false;
    goAway();
    throw new Error('the connection was closed');
  }

  function goAway(): void {
    state.isAway = true;
    for (const { lost } of gateways) lost('the connection was closed');
  }

  function comeBack(): void {
    state.isAway = false;
    for (const { ready } of gateways) ready();
  }

  return {
    hashes,
    published,
    open(handlers): Connection {
      gateways.add(handlers);
      if (!state.isAway) queueMicrotask(handlers.ready);
      return {
        command: (command) => answer(() => run(command)),
        transaction: (commands) => answer(() => commands.map(run)),
        reconnect: () => undefined,
        close: () => void gateways.delete(handlers),
      };
    },
    freeze(isFrozen) {
      state.isFrozen = isFrozen;
      if (!isFrozen) waiting.splice(0).forEach((resume) => resume());
    },
    goAway,
    comeBack,
    loseNextAnswer: () => void (state.losesAnswer = true),
    loseNextMessage: () => void (state.losesMessage = true),
    publish,
    loseData() {
      hashes.clear();
      strings.clear();
    },
  };
}
