import { GatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { parseJson } from '../canonical/json.ts';
import { lastFinish, type FinishObserver, type FinishState } from '../canonical/lastFinish.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import type { Dialect, ReadOptions } from '../dialects/dialect.ts';
import { isDone } from '../dialects/readFrame.ts';
import { readFrames, type SseFrame } from '../sse.ts';
import type { Clock } from './clock.ts';
import type { UpstreamReply } from './upstream.ts';
import type { Watchdog } from './watchdog.ts';

/** What was read from one chunk of a provider's reply. `frames` are the provider's own, for a relay. */
export type Batch = { deltas: Delta[]; frames: SseFrame[] };

/** A reply as it arrives: `next` resolves with the next batch, or with undefined at the end. */
export type ReplySource = {
  next(): Promise<Batch | undefined>;
  /** Releases the provider's connection. */
  close(): void;
};

/** How long a provider may be silent after its finish, which a usage frame may follow. Milliseconds. */
const lateUsageMs = 1000;

/** The same where the finish may not be the last one. Milliseconds. */
const doubtfulFinishMs = 10_000;

/** Heartbeats after the finish extend the wait no further than this. Milliseconds. */
const longestTailMs = 10_000;

/** Larger non-streamed replies are rejected. Bytes. */
const maxReplyBytes = 64 * 1024 * 1024;

/** The stages from a provider's frames to canonical deltas; the observer learns whether the answer may be over. */
export type FrameStages = (observer: FinishObserver) => Stage<SseFrame, Delta>;

/** A finish that is not the last one is held back before any quirk sees it. */
export function deltaStages(
  dialect: Dialect,
  options: ReadOptions,
  quirk: Stage<Delta, Delta> | undefined,
): FrameStages {
  const read: Stage<SseFrame, Delta> = (emit) => dialect.streamReader(emit, options);
  return (observer) => {
    const finished = chain(read, lastFinish(observer));
    return quirk ? chain(finished, quirk) : finished;
  };
}

/** Reads a provider's event stream and drives the stages: the only part that awaits. */
export function streamSource(
  body: AsyncIterable<Uint8Array>,
  stages: FrameStages,
  watchdog: Watchdog,
  clock: Clock,
): ReplySource {
  const chunks = body[Symbol.asyncIterator]();
  const batcher = createBatcher(stages, clock);
  /** Nothing more to read: the body has ended, or the time to wait for it is over. */
  let exhausted = false;

  async function readChunk(): Promise<Uint8Array | undefined> {
    const read = chunks.next().then(({ done, value }) => (done ? undefined : value));
    const { patienceMs } = batcher;
    return patienceMs === undefined ? read : inTime(read, patienceMs, clock);
  }

  /** Reads what follows `[DONE]`, so that the connection can be reused for the next request. */
  async function readToEnd(): Promise<void> {
    const cancel = clock.after(lateUsageMs, watchdog.release);
    try {
      while (!(await chunks.next()).done);
    } catch {
      // The connection was closed or released, and the rest is not needed.
    }
    cancel();
  }

  return {
    async next() {
      if (batcher.isOver) return undefined;
      const chunk = await readChunk().catch((thrown: unknown) => {
        throw streamError(thrown, watchdog.signal);
      });
      if (chunk !== undefined) return batcher.push(chunk);
      exhausted = true;
      return batcher.end();
    },
    close() {
      watchdog.stop();
      if (batcher.isOver && !exhausted) void readToEnd();
      else watchdog.release();
    },
  };
}

/** Turns the bytes of an event stream into batches. */
type Batcher = {
  push(chunk: Uint8Array): Batch;
  /** The body has ended. */
  end(): Batch;
  /** How long to wait for more now that the provider has finished; undefined if it has not. Milliseconds. */
  readonly patienceMs: number | undefined;
  /** Whether the provider has ended the stream, or its body has ended. */
  readonly isOver: boolean;
};

function createBatcher(stages: FrameStages, clock: Clock): Batcher {
  const decoder = new TextDecoder();
  let batch: Batch = { deltas: [], frames: [] };
  let state: FinishState = { isFinished: false, isDoubtful: false };
  let finishedAt = 0;
  let lastByteAt = 0;
  let over = false;
  let bodyEnded = false;
  let frames = 0;
  /** Whether the frame that is being read is kept from a relay. */
  let isDropped = false;
  const read = stages({
    onChange(next) {
      state = next;
      finishedAt = clock.now();
    },
    frame: () => frames,
  });
  const sink = read((delta) => {
    if (bodyEnded && state.isFinished && delta.type === 'error') {
      // The answer is complete: ignore a frame after it that was cut off.
      isDropped = true;
      return;
    }
    if (delta.type === 'done') over = true;
    batch.deltas.push(delta);
  });
  const parser = readFrames((frame) => {
    // What follows the end of the stream belongs to no answer.
    if (over && !bodyEnded) return;
    frames++;
    // What was cut off is read for its error, if it is one, but no client could read it.
    isDropped = bodyEnded && !isWhole(frame);
    sink.push(frame);
    if (!isDropped) batch.frames.push(frame);
  });

  function take(): Batch {
    if (over) sink.end();
    const taken = batch;
    batch = { deltas: [], frames: [] };
    return taken;
  }

  return {
    push(chunk) {
      lastByteAt = clock.now();
      parser.push(decoder.decode(chunk, { stream: true }));
      return take();
    },
    end() {
      over = true;
      bodyEnded = true;
      parser.push(decoder.decode());
      parser.end();
      return take();
    },
    get patienceMs() {
      if (!state.isFinished) return undefined;
      const silentUntil = lastByteAt + (state.isDoubtful ? doubtfulFinishMs : lateUsageMs);
      return Math.min(silentUntil, finishedAt + longestTailMs) - clock.now();
    },
    get isOver() {
      return over;
    },
  };
}

/** Whether the last frame, which no blank line ended, arrived to its end. */
function isWhole(frame: SseFrame): boolean {
  if ('comment' in frame) return true;
  return parseJson(frame.data) !== undefined || isDone(frame.data);
}

/** Resolves as `read` does, or with undefined if it fails or takes longer than `limitMs`. */
function inTime<T>(read: Promise<T>, limitMs: number, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(Math.max(0, limitMs), () => resolve(undefined));
    const settle = (value?: T): void => {
      cancel();
      resolve(limitMs > 0 ? value : undefined);
    };
    read.then(settle, () => settle());
  });
}

/** A whole reply, in one batch. */
export function wholeSource(deltas: Delta[]): ReplySource {
  let batch: Batch | undefined = { deltas, frames: [] };
  return {
    async next() {
      const taken = batch;
      batch = undefined;
      return taken;
    },
    close() {},
  };
}

/** The text of a body. @throws GatewayError `protocol` if it has more than `limit` bytes. */
export async function readText(
  body: UpstreamReply['body'],
  signal: AbortSignal,
  limit = maxReplyBytes,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit)
        throw new GatewayError('protocol', `The provider sent a reply of more than ${limit / 1024 / 1024} MiB.`);
      chunks.push(chunk);
    }
  } catch (thrown) {
    throw streamError(thrown, signal);
  }
  // A byte order mark is no part of the text.
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Why a body could not be read to its end: the limit that was hit, or the connection. */
export function streamError(thrown: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('connection', 'The provider closed the connection before the end of its answer.', {
    cause: thrown,
  });
}
