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
    adoptRun({ raw, count }) {
      const first = numberField.exec(raw)?.[1];
      if (first === undefined) return true;
      const last = Number(numberField.exec(raw.slice(raw.lastIndexOf('"sequence_number"')))?.[1]);
      // Numbers that do not follow each other are looked at one by one.
      if (last !== Number(first) + count - 1 || Number(first) <= (lastSent ?? -1)) return false;
      lastSent = last;
      next = last + 1;
      return true;
    },
    resume() {
      if (lastSent === undefined) return;
      lastSent++;
      next = lastSent;
    },
  };
}
