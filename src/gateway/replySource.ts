import { GatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import type { Dialect, ReadOptions } from '../dialects/dialect.ts';
import { readFrames, type SseFrame } from '../sse.ts';
import type { Clock } from './clock.ts';
import type { UpstreamReply } from './upstream.ts';
import type { Watchdog } from './watchdog.ts';

/** What one chunk of a provider's reply became. `frames` are the provider's own, for a relay. */
export type Batch = { deltas: Delta[]; frames: SseFrame[] };

/** A reply as it comes: `next` resolves with what arrived, and with undefined once the reply is over. */
export type ReplySource = {
  next(): Promise<Batch | undefined>;
  /** Lets go of the provider's connection. */
  close(): void;
};

/** How long a usage frame may come after the finish. Milliseconds. */
const lateUsageMs = 1000;

/** A non-streamed reply larger than this is refused. Bytes. */
const maxReplyBytes = 64 * 1024 * 1024;

/** The stages between the provider's frames and the canonical deltas. */
export function deltaStages(
  dialect: Dialect,
  options: ReadOptions,
  quirk: Stage<Delta, Delta> | undefined,
): Stage<SseFrame, Delta> {
  const read: Stage<SseFrame, Delta> = (emit) => dialect.streamReader(emit, options);
  return quirk ? chain(read, quirk) : read;
}

/** A provider's event stream. The driver of all stages: it alone awaits. */
export function streamSource(
  body: AsyncIterable<Uint8Array>,
  stages: Stage<SseFrame, Delta>,
  watchdog: Watchdog,
  clock: Clock,
): ReplySource {
  const chunks = body[Symbol.asyncIterator]();
  const decoder = new TextDecoder();
  let batch: Batch = { deltas: [], frames: [] };
  let finishedAt: number | undefined;
  let over = false;
  /** Nothing more to read: the body has ended, or the wait for it has. */
  let exhausted = false;
  const sink = stages((delta) => {
    if (exhausted && finishedAt !== undefined && delta.type === 'error') {
      // The answer is complete: what was cut off is a frame behind it, of which no part counts.
      batch.frames.pop();
      return;
    }
    if (delta.type === 'finish') finishedAt ??= clock.now();
    if (delta.type === 'done') over = true;
    batch.deltas.push(delta);
  });
  const parser = readFrames((frame) => {
    batch.frames.push(frame);
    sink.push(frame);
  });

  function take(): Batch {
    const taken = batch;
    batch = { deltas: [], frames: [] };
    return taken;
  }

  async function readChunk(): Promise<Uint8Array | undefined> {
    const read = chunks.next().then(({ done, value }) => (done ? undefined : value));
    if (finishedAt === undefined) return read;
    return inTime(read, finishedAt + lateUsageMs - clock.now(), clock);
  }

  /** After `[DONE]` only the end of the body is missing; once it is read, the connection serves the next request. */
  async function readToEnd(): Promise<void> {
    const cancel = clock.after(lateUsageMs, watchdog.release);
    try {
      while (!(await chunks.next()).done);
    } catch {
      // Cut or released: nobody waits for what was left.
    }
    cancel();
  }

  return {
    async next() {
      if (over) return undefined;
      const chunk = await readChunk().catch((thrown: unknown) => {
        throw streamError(thrown, watchdog.signal);
      });
      if (chunk === undefined) {
        over = true;
        exhausted = true;
        parser.push(decoder.decode());
        parser.end();
      } else {
        parser.push(decoder.decode(chunk, { stream: true }));
      }
      if (over) sink.end();
      return take();
    },
    close() {
      watchdog.stop();
      if (over && !exhausted) void readToEnd();
      else watchdog.release();
    },
  };
}

/** What `read` resolves with, or undefined when it fails or takes longer than `limitMs`. */
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

/** A provider's whole reply, in one batch. `json` is the reply as it came, for a relay. */
export function wholeSource(
  json: unknown,
  dialect: Dialect,
  options: ReadOptions,
  quirk: Stage<Delta, Delta> | undefined,
): ReplySource {
  let batch: Batch | undefined = { deltas: [], frames: [] };
  const deltas = batch.deltas;
  const sink = quirk?.((delta) => deltas.push(delta));
  for (const delta of dialect.readReply(json, options)) {
    if (sink) sink.push(delta);
    else deltas.push(delta);
  }
  sink?.end();
  return {
    async next() {
      const taken = batch;
      batch = undefined;
      return taken;
    },
    close() {},
  };
}

/** The text of a body. @throws GatewayError `protocol` past `limit` bytes. */
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
  return Buffer.concat(chunks).toString('utf8');
}

function streamError(thrown: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('connection', 'The connection was closed in mid-answer.', {
    cause: thrown,
  });
}
