import type { SseFrame } from '../../sse.ts';

/** The numbers of a stream's events. To the client they grow from each to the next, whoever's event it is. */
export type SequenceNumbers = {
  take(): number;
  /** A provider's own event, which goes out next: as it came, unless its number has gone out before. */
  follow(frame: SseFrame): SseFrame;
  /** What was taken since the provider's last event was never heard; the number that is taken next will be. */
  resume(): void;
};

/** The event's own: inside strings its quotes would be escaped. */
const numberField = /"sequence_number"\s*:\s*(\d+)/;

export function createSequenceNumbers(): SequenceNumbers {
  let next = 0;
  /** The last number that the client has heard, in a relay of events that have numbers. */
  let heard: number | undefined;
  return {
    take: () => next++,
    follow(frame) {
      const given = 'data' in frame ? numberField.exec(frame.data)?.[1] : undefined;
      if (given === undefined || 'comment' in frame) return frame;
      const fits = heard === undefined || Number(given) > heard;
      heard = heard === undefined || fits ? Number(given) : heard + 1;
      next = heard + 1;
      return fits ? frame : { ...frame, data: frame.data.replace(numberField, () => `"sequence_number":${heard}`) };
    },
    resume() {
      if (heard === undefined) return;
      heard++;
      next = heard;
    },
  };
}
