import { messageOf } from '../../canonical/errors.ts';
import { atMost } from '../../gateway/clock.ts';
import { clockOffset } from './clockOffset.ts';
import { createDeliveries } from './deliveries.ts';
import { createOutbox, type Batch, type Call, type Command, type KeptState } from './outbox.ts';
import { readMessage, writeMessage } from './message.ts';
import { writeBatch, writeFirst } from './scripts.ts';
import type { LinkOptions } from './linkOptions.ts';
import type { Connection } from './openConnection.ts';
import { createPresence } from './presence.ts';
import type { Share, SharedPart } from './share.ts';
import { createWaiters, type Waiters } from './waiters.ts';

/** How often a gateway gives a sign of life, and after which silence the connection counts as broken. Milliseconds. */
const beatMs = 1000;
const silenceMs = 2500;

/** Milliseconds. */
const retryMs = 1000;
const closeMs = 500;

/** How long Redis knows which batches it has. Milliseconds. */
const batchMs = 3_600_000;

/**
 * Keeps this gateway's state the same as that of the others. What a gateway does is written to Redis and told to the others in
 * one step, and all get it in the same order, by its number. A gateway that missed a number reads everything again. Without
 * Redis a gateway goes on alone; what it counted meanwhile is written when Redis is back.
 */
export class RedisLink implements Share {
  readonly prefix: string;
  readonly #options: LinkOptions;
  readonly #id: string;
  readonly #outbox = createOutbox();
  readonly #waiters: Waiters;
  readonly #presence = createPresence();
  readonly #deliveries = createDeliveries();
  readonly #firstRead = Promise.withResolvers<void>();
  #parts: ReadonlyMap<string, SharedPart> = new Map();
  #connection: Connection | undefined;
  #state: 'away' | 'reading' | 'up' | 'closed' = 'away';
  #problem: string | undefined;
  #isWarned = false;
  /** The number of the last message. */
  #last = 0;
  /** Messages that came while everything was being read. */
  #early: string[] = [];
  #inFlight: (Batch & { id: string }) | undefined;
  #sending: Promise<void> | undefined;
  #heardAt = 0;
  #offsetMs = 0;
  /** The last request that waited for Redis did so in vain. */
  #isSlow = false;
  #isFlushDue = false;
  #cancelBeat: (() => void) | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.prefix = options.prefix;
    this.#id = options.newId();
    this.#waiters = createWaiters(options.clock, options.waitMs);
    this.#problem = `redis: not connected to ${options.server} yet.`;
  }

  /** Connects. @returns when the others' state is known, or after `patienceMs` */
  async start(parts: ReadonlyMap<string, SharedPart>, patienceMs: number): Promise<void> {
    this.#parts = parts;
    const open = await this.#options.load();
    this.#connection = open({
      channel: `${this.prefix}:live`,
      ready: () => void this.#read(),
      lost: (reason) => this.#lost(reason),
      message: (text) => this.#receive(text),
    });
    await atMost(this.#options.clock, patienceMs, this.#firstRead.promise);
  }

  /** Why nothing is shared now. */
  problem(): string | undefined {
    return this.#problem;
  }

  tell(calls: readonly Call[], writes: readonly Command[] = [], states: readonly KeptState[] = []): void {
    this.#deliveries.tell();
    // What others missed they read, so it is not kept for them.
    this.#outbox.add(writes, this.#state === 'away' ? [] : calls, states);
    this.#flushSoon();
  }

  readonly changed = (state: KeptState): void => {
    if (this.#outbox.changed(state[0])) this.#flushSoon();
  };

  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#options.clock.after(0, () => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  readonly toShared = (ms: number): number => ms + this.#offsetMs;
  readonly fromShared = (ms: number): number => ms - this.#offsetMs;

  async settle<Result>(read: () => Result): Promise<Result | undefined> {
    if (this.#state !== 'up' || this.#isSlow) return undefined;
    if (this.#outbox.isEmpty() && !this.#inFlight) return read();
    let result: Result | undefined;
    const batch = this.#outbox.isEmpty() ? this.#inFlight?.id : undefined;
    const settled = this.#waiters.wait(batch, () => (result = read()));
    this.#flush();
    if ((await settled) === 'late') this.#isSlow = true;
    return result;
  }

  readonly told = this.#deliveries.told;
  readonly known = this.#deliveries.known;
  readonly others = (): number => this.#presence.others(this.#id);
  readonly isAway = (): boolean => this.#state === 'away';

  async ask(command: Command): Promise<{ answer: Promise<unknown> } | undefined> {
    const connection = this.#connection;
    if (!connection || this.#state !== 'up' || this.#isSlow) return undefined;
    const isAlive = this.#waiters.within(connection.command(['PING']));
    const answer = connection.command(command).catch(() => undefined);
    if (await isAlive) return { answer };
    this.#isSlow = true;
    return undefined;
  }

  /** Sends what waits, and disconnects. */
  async close(): Promise<void> {
    this.#cancelBeat?.();
    if (this.#state === 'up') {
      const sent = this.#sendAll().catch(() => undefined);
      await atMost(this.#options.clock, closeMs, sent);
    }
    this.#state = 'closed';
    this.#connection?.close();
  }

  #lost(reason: string): void {
    if (this.#state === 'closed') return;
    const { log, server } = this.#options;
    this.#problem = `redis: ${server} is away (${reason}). This gateway goes on alone.`;
    if (!this.#isWarned) log.warn(`Redis at ${server} is away (${reason}). This gateway goes on alone.`);
    this.#isWarned = true;
    this.#state = 'away';
    this.#outbox.dropCalls();
    this.#waiters.giveUp();
  }

  #flush(): void {
    if (this.#state !== 'up') return;
    this.#sendAll().catch((thrown: unknown) => this.#broken(messageOf(thrown)));
  }

  /** The connection is of no use, even if it looks open. Everyone who waits for a batch says so; the first counts. */
  #broken(reason: string): void {
    if (this.#state !== 'up') return;
    this.#lost(reason);
    this.#connection?.reconnect();
  }

  #sendAll(): Promise<void> {
    this.#sending ??= this.#sendBatches().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  /** One batch at a time: what comes meanwhile is the next one. A batch whose answer was lost is sent again as it was. */
  async #sendBatches(): Promise<void> {
    while (this.#connection && (this.#inFlight || !this.#outbox.isEmpty())) {
      const batch = (this.#inFlight ??= this.#outbox.takeAll(this.#options.newId()));
      this.#waiters.sent(batch.id);
      this.#deliveries.sent(batch.id);
      const message = writeMessage({ from: this.#id, batch: batch.id, calls: batch.calls });
      const keys = [`${this.prefix}:live:batch:${batch.id}`, `${this.prefix}:live:number`];
      const values = [JSON.stringify(batch.writes), message, `${this.prefix}:live`, String(batchMs)];
      await this.#connection.command(['EVAL', writeBatch, '2', ...keys, ...values]);
      this.#inFlight = undefined;
    }
  }

  async #read(): Promise<void> {
    const connection = this.#connection;
    if (!connection || this.#state === 'reading' || this.#state === 'closed') return;
    const wasUp = this.#state === 'up';
    this.#state = 'reading';
    this.#early = [];
    try {
      await this.#readAll(connection, wasUp);
    } catch (thrown) {
      this.#lost(messageOf(thrown));
      this.#options.clock.after(retryMs, () => void this.#read());
    }
  }

  async #readAll(connection: Connection, wasUp: boolean): Promise<void> {
    const { clock, log, server } = this.#options;
    const parts = [...this.#parts.values()];
    await this.#writeFirst(connection, parts);
    // First what this gateway did meanwhile, so that what is read has it. The others have to read it too.
    if (!wasUp && (this.#inFlight || !this.#outbox.isEmpty())) this.#outbox.add([], [['link', 'read']]);
    await this.#sendAll();
    const reads = parts.map((part) => part.reads());
    const offsetMs = await clockOffset(connection, clock);
    const commands = [['GET', `${this.prefix}:live:number`], ...reads.flat()];
    const [number, ...replies] = await connection.transaction(commands);
    if (this.#state !== 'reading') return;
    this.#offsetMs = offsetMs;
    this.#last = Number(number ?? 0);
    const waiting = this.#outbox.calls();
    for (const [index, part] of parts.entries()) {
      const own = replies.splice(0, reads[index]?.length);
      this.#guard(() => part.restore(own, waiting));
    }
    if (this.#problem !== undefined) log.info(`Redis at ${server}: state is shared.`);
    this.#state = 'up';
    this.#problem = undefined;
    this.#isWarned = false;
    this.#isSlow = false;
    this.#heardAt = clock.now();
    this.#deliveries.read();
    this.#firstRead.resolve();
    for (const text of this.#early.splice(0)) this.#receive(text);
    this.#outbox.add([], [['link-beat']]);
    this.#beat();
    this.#flush();
  }

  /** A Redis that has lost its data, or is new, gets it from the first gateway that comes. */
  async #writeFirst(connection: Connection, parts: readonly SharedPart[]): Promise<void> {
    const mark = `${this.prefix}:live:since`;
    if ((await connection.command(['EXISTS', mark])) === 1) return;
    const isNew = this.#last === 0;
    // What waits is in it, unless this gateway has never read anything and so knows only what waits.
    const covered = isNew ? undefined : { unsent: this.#inFlight, ...this.#outbox.take() };
    const writes = isNew ? [] : parts.flatMap((part) => part.seed?.() ?? []);
    const keys = [mark, `${this.prefix}:live:number`];
    const values = [JSON.stringify(writes), new Date(this.#options.clock.now()).toISOString()];
    const isFirst = await connection.command(['EVAL', writeFirst, '2', ...keys, ...values]);
    if (!covered) return;
    if (isFirst === 1) this.#inFlight = undefined;
    else this.#outbox.add(covered.writes, covered.calls);
  }

  #receive(text: string): void {
    if (this.#state === 'reading') this.#early.push(text);
    if (this.#state !== 'up') return;
    const message = readMessage(text);
    if (!message || message.number <= this.#last) return;
    const { number, from, batch, calls } = message;
    if (number !== this.#last + 1) return void this.#read();
    this.#last = number;
    const isNew = this.#presence.seen(from, this.#options.clock.now());
    if (from === this.#id) {
      this.#heardAt = this.#options.clock.now();
      this.#isSlow = false;
      this.#deliveries.heard(batch);
      this.#outbox.heard(batch);
      this.#waiters.heard(batch);
      return;
    }
    // One that has just come hears who is here.
    if (isNew) this.tell([['link-beat']]);
    for (const call of calls) {
      if (call[0] === 'link') return void this.#read();
      this.#guard(() => this.#parts.get(call[0])?.apply(call, from));
    }
  }

  /** What another version of CCR has written may not be readable here. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.#options.log.warn(`A part of the shared state can't be read and is left out: ${messageOf(thrown)}`);
    }
  }

  #beat(): void {
    const { clock } = this.#options;
    this.#cancelBeat?.();
    this.#cancelBeat = clock.after(beatMs, () => {
      if (this.#state !== 'up') return;
      if (clock.now() - this.#heardAt > silenceMs) return this.#broken('no answer');
      for (const sender of this.#presence.takeGone(clock.now()))
        for (const part of this.#parts.values()) part.gone?.(sender);
      this.#outbox.add(
        [],
        [['link-beat'], ...[...this.#parts.values()].flatMap((part) => (part.beat ? [part.beat()] : []))],
      );
      this.#flush();
      this.#beat();
    });
  }
}
