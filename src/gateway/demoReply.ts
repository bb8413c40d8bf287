import type { ChatRequest } from '../canonical/request.ts';
import { demoDeltas } from '../providers/demo.ts';
import type { OpenReply } from './attempt.ts';
import { sleep, type Clock } from './clock.ts';
import type { Batch } from './batcher.ts';

/** A reply of the built-in demo provider, streamed word by word. It quotes `route`, which says how the request was routed. */
export function openDemo(request: ChatRequest, route: string, signal: AbortSignal, clock: Clock): OpenReply {
  const steps = demoDeltas(request, { route });
  return {
    untouched: false,
    async next(): Promise<Batch | undefined> {
      const { done, value } = steps.next();
      if (done) return undefined;
      if (value.delayMs > 0 && request.stream) await sleep(clock, value.delayMs, signal);
      return { deltas: [value.delta], frames: [] };
    },
    close() {},
  };
}
