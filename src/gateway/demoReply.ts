import type { ChatRequest } from '../canonical/request.ts';
import { demoDeltas } from '../providers/demo.ts';
import type { OpenReply } from './attempt.ts';
import { sleep, type Clock } from './clock.ts';
import type { Batch } from './replySource.ts';

/** The built-in provider as a reply that comes word by word. `route` is what it says of how the request came to it. */
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
