import type { Socket } from 'node:net';
import { Client } from 'undici';
import { skipInterimResponses } from './interimResponses.ts';

export type HttpClient = Client;

/** The code of the error of a request whose connection was closed before the request was sent. */
export const closedCode = 'CCR_CLOSED';

/** An HTTP/1.1 client on an open connection: it sends one request at a time and never connects by itself. */
export function createHttpClient(socket: Socket, origin: string, idleTimeoutMs: number): HttpClient {
  let given: Socket | undefined = socket;
  skipInterimResponses(socket);
  return new Client(origin, {
    // undici calls this again if the connection was closed. Called back at once, it would not send the request.
    connect(_, callback) {
      const taken = given;
      given = undefined;
      queueMicrotask(() => {
        if (taken && !taken.destroyed) callback(null, taken);
        else callback(Object.assign(new Error('The connection was closed.'), { code: closedCode }), null);
      });
    },
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: idleTimeoutMs,
    keepAliveMaxTimeout: idleTimeoutMs,
    // The gateway has its own, by tier and stage.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
