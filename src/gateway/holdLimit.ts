import { GatewayError } from '../canonical/errors.ts';
import type { ReadFrame } from '../sse/frame.ts';
import type { Batch } from './batcher.ts';

/** The most that is held back of a reply. The first events may repeat the request, twice. Characters. */
const maxHeld = 8 * 1024 * 1024;

/**
 * Checks the batches that are held back: some providers send pings or empty deltas forever. `what` continues "sent 8 MiB". The
 * result throws GatewayError `protocol` once the limit is exceeded.
 */
export function createHoldLimit(target: string, what: string): (batch: Batch) => void {
  let size = 0;
  return ({ frames }) => {
    for (const frame of frames) size += lengthOf(frame);
    if (size <= maxHeld) return;
    throw new GatewayError('protocol', `${target} sent ${maxHeld / 1024 / 1024} MiB ${what}.`);
  };
}

function lengthOf(frame: ReadFrame): number {
  if ('comment' in frame) return frame.comment.length;
  return 'data' in frame ? frame.data.length : frame.raw.length;
}
