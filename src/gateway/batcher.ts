import type { Delta } from '../canonical/events.ts';
import { parseJson } from '../canonical/json.ts';
import { lastFinish, type FinishObserver, type FinishState } from '../canonical/lastFinish.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import { joinWritten } from '../canonical/writtenText.ts';
import type { Dialect, ReadOptions } from '../dialects/dialect.ts';
import { isDone } from '../dialects/readFrame.ts';
import type { ReadFrame } from '../sse/frame.ts';
import { readFrames } from '../sse/readFrames.ts';
import type { Clock } from './clock.ts';

/** What was read from one chunk of a provider's reply. `frames` are the provider's own, for a relay. */
export type Batch = {
  deltas: Delta[];
  frames: ReadFrame[];
  /** The reply is complete, so this batch can be written together with the end of the answer. */
  isLast?: boolean;
};

/** How long a provider may be silent after its finish, which a usage frame may follow. Milliseconds. */
export const lateUsageMs = 1000;

/** The same where the finish may not be the last one. Milliseconds. */
const doubtfulFinishMs = 10_000;

/** Heartbeats after the finish extend the wait no further than this. Milliseconds. */
const longestTailMs = 10_000;

/** From a provider's frames to canonical deltas, and what these pass through. The observer learns whether the answer may be over. */
export type ReadStages = {
  read(observer: FinishObserver): Stage<ReadFrame, Delta>;
  repair: Stage<Delta, Delta> | undefined;
};

/** A finish that is not the last one is held back before `repair` sees it. */
export function readStages(
  dialect: Dialect,
  options: ReadOptions,
  repair: Stage<Delta, Delta> | undefined,
): ReadStages {
  const read: Stage<ReadFrame, Delta> = (emit) => dialect.streamReader(emit, options);
  return { read: (observer) => chain(read, lastFinish(observer)), repair };
}

/** Turns the bytes of an event stream into batches. */
export type Batcher = {
  push(chunk: Uint8Array): Batch;
  /** The body has ended. */
  end(): Batch;
  /** How long to wait for more now that the provider has finished; undefined if it has not. Milliseconds. */
  patienceMs(): number | undefined;
  /** Whether the provider has ended the stream, or its body has ended. */
  isOver(): boolean;
};

export function createBatcher({ read, repair }: ReadStages, clock: Clock): Batcher {
  const decoder = new TextDecoder();
  const joined = joinTexts();
  let frames: ReadFrame[] = [];
  let state: FinishState = { isFinished: false, isDoubtful: false };
  let finishedAt = 0;
  let lastByteAt = 0;
  let over = false;
  let bodyEnded = false;
  let frameCount = 0;
  /** The frame that is being read. */
  let current: ReadFrame | undefined;
  /** Whether it is kept from a relay. */
  let isDropped = false;
  let deltas: Delta[] = [];
  const repaired = repair?.((delta) => deltas.push(delta));
  const observer: FinishObserver = {
    onChange(next) {
      state = next;
      finishedAt = clock.now();
    },
    frame: () => frameCount,
  };
  const reader = read(observer)((delta) => {
    if (bodyEnded && state.isFinished && delta.type === 'error') {
      // The answer is complete: ignore a frame after it that was cut off.
      isDropped = true;
      return;
    }
    if (delta.type === 'done') over = true;
    joined.push(withWritten(delta, current));
  });
  const parser = readFrames((frame) => {
    // What follows the end of the stream belongs to no answer.
    if (over && !bodyEnded) return;
    frameCount++;
    // What was cut off is read for its error, if it is one, but no client could read it.
    isDropped = bodyEnded && !isWhole(frame);
    current = frame;
    reader.push(frame);
    if (!isDropped) frames.push(frame);
  });

  function take(): Batch {
    if (over) reader.end();
    deltas = joined.take();
    if (repaired) {
      const read = deltas;
      deltas = [];
      for (const delta of read) repaired.push(delta);
      if (over) repaired.end();
    }
    const batch: Batch = { deltas, frames, isLast: over };
    deltas = [];
    frames = [];
    return batch;
  }

  return {
    push(chunk) {
      parser.push(decoder.decode(chunk, { stream: true }));
      // Only the wait after the finish counts from it.
      if (state.isFinished) lastByteAt = clock.now();
      return take();
    },
    end() {
      over = true;
      bodyEnded = true;
      parser.push(decoder.decode());
      parser.end();
      return take();
    },
    patienceMs() {
      if (!state.isFinished) return undefined;
      const silentUntil = lastByteAt + (state.isDoubtful ? doubtfulFinishMs : lateUsageMs);
      return Math.min(silentUntil, finishedAt + longestTailMs) - clock.now();
    },
    isOver: () => over,
  };
}

/** A delta with the text of a frame as that has it. */
function withWritten(delta: Delta, frame: ReadFrame | undefined): Delta {
  if (!frame || 'comment' in frame || !frame.said) return delta;
  const { said } = frame;
  if ((delta.type === 'text-delta' || delta.type === 'reasoning-delta') && delta.text === said.text)
    delta.written = said;
  return delta;
}

/**
 * Collects deltas, with pieces of one text that came together as one piece: what follows works per piece, and so do clients. Calls
 * stay in pieces, since some providers repeat the whole input in each.
 */
function joinTexts(): { push(delta: Delta): void; take(): Delta[] } {
  let deltas: Delta[] = [];
  return {
    push(delta) {
      const last = deltas.at(-1);
      if (
        (delta.type === 'text-delta' && last?.type === 'text-delta' && last.phase === delta.phase) ||
        (delta.type === 'reasoning-delta' && last?.type === 'reasoning-delta')
      ) {
        if (last.key === delta.key) {
          last.written = joinWritten(last, delta);
          last.text = last.written?.text ?? last.text + delta.text;
          return;
        }
      }
      deltas.push(delta);
    },
    take() {
      const taken = deltas;
      deltas = [];
      return taken;
    },
  };
}

/** Whether the last frame, which no blank line ended, arrived to its end. */
function isWhole(frame: ReadFrame): boolean {
  if (!('data' in frame)) return true;
  return parseJson(frame.data) !== undefined || isDone(frame.data);
}
