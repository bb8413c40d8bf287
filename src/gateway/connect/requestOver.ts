import type { HttpClient } from './httpClient.ts';

type Handler = Parameters<HttpClient['dispatch']>[1];
type Controller = Parameters<NonNullable<Handler['onRequestStart']>>[0];

export type SentRequest = {
  path: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | null;
  signal: AbortSignal;
};

export type ReceivedReply = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: AsyncIterable<Uint8Array>;
};

/** How much of a body may wait for its reader before reading from the connection stops. Bytes. */
const maxWaiting = 64 * 1024;

/**
 * Sends a request over a connection, and resolves with the reply as soon as its headers have arrived. The handler is undici's
 * lowest level: its streams would cost more than everything that the gateway does with a piece of an answer.
 * @throws the signal's reason, or undici's error of the connection
 */
export function requestOver(client: HttpClient, { signal, ...options }: SentRequest): Promise<ReceivedReply> {
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedReply>();
  let body: ReturnType<typeof createBody> | undefined;
  let controller: Controller | undefined;
  const onAbort = (): void => {
    const reason = signal.reason as Error;
    body?.fail(reason, { discard: true });
    controller?.abort(reason);
  };

  const handler: Handler = {
    onRequestStart(started) {
      controller = started;
      if (signal.aborted) started.abort(signal.reason as Error);
    },
    onResponseStart(receiving, status, headers) {
      // An interim response, such as 103 with early hints.
      if (status < 200) return;
      body = createBody(receiving);
      resolve({ status, headers, body });
    },
    onResponseData: (_, chunk) => body?.push(chunk),
    onResponseEnd() {
      signal.removeEventListener('abort', onAbort);
      body?.end();
    },
    onResponseError(_, error) {
      signal.removeEventListener('abort', onAbort);
      reject(error);
      body?.fail(error, { discard: false });
    },
  };
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  client.dispatch(options, handler);
  return promise;
}

type Waiting = { resolve(result: IteratorResult<Uint8Array, undefined>): void; reject(reason: Error): void };

const done = Promise.resolve();

/**
 * A body for one reader. What came before an error is read before it. Pieces that came together, or wait for the reader, are read
 * as one.
 */
function createBody(controller: Controller) {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let error: Error | undefined;
  let hasEnded = false;
  let waiting: Waiting | undefined;
  let isWoken = false;

  function take(): Uint8Array | undefined {
    const taken = chunks.length > 1 ? Buffer.concat(chunks, size) : chunks[0];
    chunks = [];
    size = 0;
    if (controller.paused) controller.resume();
    return taken;
  }

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next() {
      if (chunks.length === 0 && !error && !hasEnded)
        return new Promise((resolve, reject) => (waiting = { resolve, reject }));
      const value = take();
      if (value) return Promise.resolve({ done: false, value });
      return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
    },
    return() {
      if (!hasEnded && !error) controller.abort(new Error('The rest of the reply is not needed.'));
      return Promise.resolve({ done: true, value: undefined });
    },
  };

  /** Answers the waiting reader once all is there that came together: undici passes on each of its pieces by itself. */
  function wake(): void {
    if (!waiting || isWoken) return;
    isWoken = true;
    void done.then(answer);
  }

  function answer(): void {
    const reader = waiting;
    waiting = undefined;
    isWoken = false;
    if (!reader) return;
    const value = take();
    if (value) reader.resolve({ done: false, value });
    else if (error) reader.reject(error);
    else reader.resolve({ done: true, value: undefined });
  }

  return {
    [Symbol.asyncIterator]: () => iterator,
    push(chunk: Uint8Array): void {
      if (error) return;
      chunks.push(chunk);
      size += chunk.length;
      if (waiting) wake();
      else if (size >= maxWaiting) controller.pause();
    },
    end(): void {
      hasEnded = true;
      wake();
    },
    /** `discard`: what was received is not needed. */
    fail(reason: Error, { discard }: { discard: boolean }): void {
      error ??= reason;
      if (discard) chunks = [];
      wake();
    },
  };
}
