import type { Call, Command, KeptState } from './outbox.ts';

/** A part of the gateway whose state is shared. */
export type SharedPart = {
  /** What to read when the connection is there. */
  reads(): readonly Command[];
  /** Takes over what the others know. `waiting`: calls that are not in it yet. */
  restore(replies: readonly unknown[], waiting: readonly Call[]): void;
  /** Repeats what another gateway did. */
  apply(call: Call, sender: string): void;
  /** Everything that this gateway knows, for a Redis that has lost its data. */
  seed?(): readonly Command[];
  /** A call to send along with each sign of life. */
  beat?(): Call;
  /** Another gateway gave no sign of life for a while. */
  gone?(sender: string): void;
};

/** How a part tells the others what it does. None of it waits for Redis, but `settle`. */
export type Share = {
  tell(calls: readonly Call[], writes?: readonly Command[], states?: readonly KeptState[]): void;
  /** Another gateway changed a state. */
  changed(state: KeptState): void;
  /** From Unix time in ms to that of Redis, by whose clock all gateways go; and back. */
  toShared(ms: number): number;
  fromShared(ms: number): number;
  /**
   * What `read` says when this gateway knows exactly what the others did before what it told last. Waits for that at most 5 ms;
   * then undefined.
   */
  settle<Result>(read: () => Result): Promise<Result | undefined>;
  /** The numbers of the last `tell`, and of the last one that all gateways know of, while this one knows what they did before. */
  told(): number;
  known(): number;
  /** How many other gateways there are, as far as it is known. */
  others(): number;
  /** Whether Redis is known to be away: nothing comes from it. */
  isAway(): boolean;
  /** Asks Redis; undefined if it gives no sign of life within 5 ms. The answer may take longer, if it is large. */
  ask(command: Command): Promise<{ answer: Promise<unknown> } | undefined>;
  /** What the names of all keys start with, without the colon. */
  prefix: string;
};
