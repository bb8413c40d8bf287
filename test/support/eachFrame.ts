import { splitRun, type ReadFrame, type SseFrame } from '../../src/sse/frame.ts';

/** Takes what a stream is read as, frame by frame. */
export function eachFrame(take: (frame: SseFrame) => void): (read: ReadFrame) => void {
  return (read) => ('texts' in read ? splitRun(read).forEach(take) : take(read));
}
