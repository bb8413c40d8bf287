import type { Socket } from 'node:net';

/** `HTTP/1.1 100 Continue` with its headers, and other interim responses but the switch of protocols (101). */
const interim = /^HTTP\/1\.[01] 1(?!01)\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/;

/** Longer ones are passed on. Bytes. */
const longest = 4096;

/**
 * Removes interim responses from what is read from a connection: undici closes it at a `100 Continue` that it did not ask for,
 * which some proxies send anyway.
 */
export function skipInterimResponses(socket: Pick<Socket, 'read'>): void {
  const read = socket.read.bind(socket) as (size?: number) => unknown;
  socket.read = (size?: number): unknown => {
    for (;;) {
      const chunk = read(size);
      if (!Buffer.isBuffer(chunk) || !isInterim(chunk)) return chunk;
      const rest = withoutInterim(chunk);
      if (rest.length > 0) return rest;
    }
  };
}

/** A cheap look at the bytes: `HTTP/1.x 1`. */
function isInterim(chunk: Buffer): boolean {
  return chunk[0] === 0x48 && chunk[9] === 0x31 && chunk[8] === 0x20 && chunk.toString('latin1', 0, 5) === 'HTTP/';
}

function withoutInterim(chunk: Buffer): Buffer {
  let rest = chunk;
  for (;;) {
    const match = interim.exec(rest.toString('latin1', 0, longest));
    if (!match) return rest;
    rest = rest.subarray(match[0].length);
  }
}
