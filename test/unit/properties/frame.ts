import { GatewayError } from '../../../src/canonical/errors.ts';
import type { Delta, StreamEvent } from '../../../src/canonical/events.ts';
import { frameBlocks } from '../../../src/canonical/frameBlocks.ts';

/** What comes out, up to the error in which it may end. */
export function frame(deltas: readonly Delta[]): { events: StreamEvent[]; error?: GatewayError } {
  const events: StreamEvent[] = [];
  let ids = 0;
  const framer = frameBlocks({ newCallId: () => `new_${++ids}` })((event) => events.push(event));
  try {
    for (const delta of deltas) framer.push(delta);
    framer.end();
    return { events };
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    return { events, error: thrown };
  }
}
