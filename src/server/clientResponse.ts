import type { ServerResponse } from 'node:http';
import type { ClientResponse } from '../gateway/exchange.ts';

export type ClientResponseOptions = {
  /** `SSE_BUFFER_SIZE`: frames on their way to the client above which it is too far behind. */
  maxFrames: number;
  /** Told each time that the gateway has to wait for a client. */
  onBackpressure(): void;
};

/** The gateway's view of a socket. Frames count as written when the system has taken them. */
export function createClientResponse(
  response: ServerResponse,
  { maxFrames, onBackpressure }: ClientResponseOptions,
): ClientResponse {
  let waitingFrames = 0;
  /** Several may wait: an answer, and a sign of life in between. */
  let waiters: (() => void)[] = [];

  function release(): void {
    const released = waiters;
    waiters = [];
    for (const resume of released) resume();
  }
  // A client that goes away takes nothing any more: whoever waits for it must learn so.
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
