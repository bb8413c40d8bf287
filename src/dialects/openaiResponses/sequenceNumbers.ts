import type { FrameRun, SseFrame } from '../../sse/frame.ts';

/** Numbers a stream's events such that the client sees growing numbers, even if relayed events and CCR's own alternate. */
export type SequenceNumbers = {
  take(): number;
  /** Returns a provider's event to relay next, renumbered only if its number has been sent already. */
  adopt(frame: SseFrame): SseFrame;
  /** The same for a run of events. False if one of them has to be renumbered. */
  adoptRun(run: FrameRun): boolean;
  /** Discards numbers taken for events that were not sent, continuing after the last relayed event. */
  resume(): void;
};

/** Matches the event's own field only: inside a string, its quotes would be escaped. */
const numberField = /"sequence_number"\s*:\s*(\d+)/;

const numberName = '"sequence_number":';

const numberFields = new RegExp(numberField, 'g');

/** Where the events' numbers come first of what differs, as OpenAI sends them, they are read there, without a search. */
function numbersOf({ shape, parts, raw }: FrameRun): number[] {
  if (shape.head.endsWith(numberName)) return parts.map((part) => Number.parseInt(part, 10));
  return Array.from(raw.matchAll(numberFields), ([, number]) => Number(number));
}

export function createSequenceNumbers(): SequenceNumbers {
  let next = 0;
  /** The last number that the client has received, if relayed events have numbers. */
  let lastSent: number | undefined;
  return {
    take: () => next++,
    adopt(frame) {
      const given = 'data' in frame ? numberField.exec(frame.data)?.[1] : undefined;
      if (given === undefined || 'comment' in frame) return frame;
      const fits = lastSent === undefined || Number(given) > lastSent;
      lastSent = lastSent === undefined || fits ? Number(given) : lastSent + 1;
      next = lastSent + 1;
      return fits
        ? frame
        : { event: frame.event, data: frame.data.replace(numberField, () => `"sequence_number":${lastSent}`) };
    },
    adoptRun(run) {
      let last = lastSent;
      for (const given of numbersOf(run)) {
        if (last !== undefined && given <= last) return false;
        last = given;
      }
      if (last !== lastSent) [lastSent, next] = [last, (last ?? 0) + 1];
      return true;
    },
    resume() {
      if (lastSent === undefined) return;
      lastSent++;
      next = lastSent;
    },
  };
}
