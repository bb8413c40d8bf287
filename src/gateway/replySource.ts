import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { createBatcher, lateUsageMs, type Batch, type ReadStages } from './batcher.ts';
import type { Clock } from './clock.ts';
import { scrubError, type Scrub } from './scrub.ts';
import type { UpstreamReply } from './upstream.ts';
import type { Watchdog } from './watchdog.ts';

/** A reply as it arrives: `next` resolves with the next batch, or with undefined at the end. */
export type ReplySource = {
  next(): Promise<Batch | undefined>;
  /** Releases the provider's connection. */
  close(): void;
};

/** Larger non-streamed replies are rejected. Bytes. */
const maxReplyBytes = 64 * 1024 * 1024;

/** How the batches of an event stream are made. */
export type StreamReading = {
  stages: ReadStages;
  /** What its deltas are for whoever comes next. */
  clean(deltas: Delta[]): Delta[];
  /** For the errors that end it. */
  scrub: Scrub;
};

/** Reads a provider's event stream and drives the stages. */
export function streamSource(
  body: AsyncIterable<Uint8Array>,
  { stages, clean, scrub }: StreamReading,
  watchdog: Watchdog,
  clock: Clock,
): ReplySource {
  const chunks = body[Symbol.asyncIterator]();
  const batcher = createBatcher(stages, clock);
  /** Nothing more to read: the body has ended, or the time to wait for it is over. */
  let exhausted = false;

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

  function readBatch(read: IteratorResult<Uint8Array> | undefined): Batch {
    if (read && !read.done) return batcher.push(read.value);
    exhausted = true;
    return batcher.end();
  }

  function receive(read: IteratorResult<Uint8Array> | undefined): Batch {
    watchdog.pause();
    try {
      const batch = readBatch(read);
      batch.deltas = clean(batch.deltas);
      return batch;
    } catch (thrown) {
      throw scrubError(toGatewayError(thrown), scrub);
    }
  }

  function fail(thrown: unknown): never {
    throw scrubError(toGatewayError(streamError(thrown, watchdog.signal)), scrub);
  }

  return {
    // Without an await, which would cost each piece of an answer more than the rest of this does.
    next() {
      if (batcher.isOver()) return Promise.resolve(undefined);
      watchdog.resume();
      const patienceMs = batcher.patienceMs();
      const read = chunks.next();
      return (patienceMs === undefined ? read : inTime(read, patienceMs, clock)).then(receive, fail);
    },
    close() {
      watchdog.stop();
      if (batcher.isOver() && !exhausted) void readToEnd();
      else watchdog.release();
    },
  };
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
  // A byte order mark is not part of the text.
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
