import type { ServerResponse } from 'node:http';
import type { ClientResponse } from '../gateway/exchange.ts';
import { bytesOf, type Pieces } from '../sse/pieces.ts';
import { chunkOf, lastChunk } from './chunks.ts';

export type ClientResponseOptions = {
  /** `SSE_BUFFER_SIZE`: how many frames may be unwritten before `write` returns a promise. */
  maxFrames: number;
  /** Called each time that the gateway has to wait for the client. */
  onBackpressure(): void;
  /** `CLIENT_WRITE_TIMEOUT_MS`: how long a client may take nothing of what is written to it. Milliseconds. */
  writeTimeoutMs: number;
  /** Called when a client is disconnected for that. */
  onStalled(): void;
};

/** The gateway's view of a socket. A frame counts as written when the operating system has accepted it. */
export function createClientResponse(
  response: ServerResponse,
  { maxFrames, onBackpressure, writeTimeoutMs, onStalled }: ClientResponseOptions,
): ClientResponse {
  let waitingFrames = 0;
  /** There may be several: the answer and a keep-alive frame. */
  let waiters: (() => void)[] = [];
  let hasWaited = false;
  /** Whether the body is sent in chunks, as it is over HTTP/1.1. */
  let isChunked = false;

  function release(): void {
    const released = waiters;
    waiters = [];
    for (const resume of released) resume();
  }

  /** Bytes, which Node writes several times faster than a string that was put together from pieces. Without `written` it is the end. */
  function send(text: string | Pieces, written?: () => void): void {
    const pieces = typeof text === 'string' ? [text] : text;
    const bytes = isChunked ? chunkOf(pieces, written ? '' : lastChunk) : bytesOf(pieces);
    const last = bytes.pop() ?? nothing;
    const isOne = bytes.length === 0;
    if (!isOne) response.cork();
    for (const each of bytes) response.write(each);
    // The end uncorks by itself.
    if (!written) return void response.end(last);
    response.write(last, written);
    if (!isOne) response.uncork();
  }

  // Node restarts this timer whenever the client takes some bytes. It also fires when nothing is to be written.
  response.setTimeout(writeTimeoutMs, () => {
    if (!isUnread(response)) return;
    onStalled();
    response.destroy();
  });

  return {
    isOpen: () => response.headersSent,
    open(status, headers) {
      response.writeHead(status, headers);
      // Node would write each chunk in four pieces, which costs more than all else that is done with it. The headers are made by now.
      isChunked = response.chunkedEncoding;
      response.chunkedEncoding = false;
    },
    write(text, frames) {
      waitingFrames += frames;
      send(text, () => {
        waitingFrames -= frames;
        if (waitingFrames < maxFrames) release();
      });
      if (waitingFrames < maxFrames || response.destroyed) return undefined;
      onBackpressure();
      // After a hang-up no write completes, so nothing else would release the waiters.
      if (!hasWaited) response.on('close', release);
      hasWaited = true;
      return new Promise((resolve) => waiters.push(resolve));
    },
    end: (text = '') => send(text),
  };
}

const nothing = new Uint8Array();

function isUnread({ writableLength, socket }: ServerResponse): boolean {
  return writableLength > 0 || (socket?.writableLength ?? 0) > 0;
}
