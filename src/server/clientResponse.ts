import type { ServerResponse } from 'node:http';
import type { ClientResponse } from '../gateway/exchange.ts';

export type ClientResponseOptions = {
  /** `SSE_BUFFER_SIZE`: how many frames may be unwritten before `write` returns a promise. */
  maxFrames: number;
  /** Called each time that the gateway has to wait for the client. */
  onBackpressure(): void;
};

/** The gateway's view of a socket. A frame counts as written when the operating system has accepted it. */
export function createClientResponse(
  response: ServerResponse,
  { maxFrames, onBackpressure }: ClientResponseOptions,
): ClientResponse {
  let waitingFrames = 0;
  /** There may be several: the answer and a keep-alive frame. */
  let waiters: (() => void)[] = [];

  function release(): void {
    const released = waiters;
    waiters = [];
    for (const resume of released) resume();
  }
  // After a hang-up no write completes, so nothing else would release the waiters.
  response.on('close', release);

  return {
    get opened() {
      return response.headersSent;
    },
    open(status, headers) {
      response.writeHead(status, headers);
    },
    write(text, frames) {
      waitingFrames += frames;
      response.write(text, () => {
        waitingFrames -= frames;
        if (waitingFrames < maxFrames) release();
      });
      if (waitingFrames < maxFrames || response.destroyed) return undefined;
      onBackpressure();
      return new Promise((resolve) => waiters.push(resolve));
    },
    end(text) {
      response.end(text);
    },
  };
}
