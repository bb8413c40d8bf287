import type { SseFrame } from '../../sse.ts';

/** The numbers of a stream's events. */
export type Sequence = {
  take(): number;
  /** A provider's own event went out, under its number. */
  follow(frame: SseFrame): void;
  /** The next number is the one behind the provider's last event, whatever was taken since. */
  resume(): void;
};

const numberField = /"sequence_number"\s*:\s*(\d+)/;

export function createSequence(): Sequence {
  let next = 0;
  let followed: string | undefined;
  let resumed: number | undefined;
  return {
    take: () => next++,
    follow(frame) {
      if ('data' in frame) followed = frame.data;
    },
    resume() {
      // Read only now: a relay looks into no frame without need.
      const number = followed === undefined ? undefined : numberField.exec(followed)?.[1];
      if (number !== undefined) resumed = Number(number);
      followed = undefined;
      if (resumed === undefined) return;
      resumed++;
      next = resumed;
    },
  };
}
