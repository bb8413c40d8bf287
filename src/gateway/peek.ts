import type { UpstreamReply } from './upstream.ts';

type Body = UpstreamReply['body'];

/**
 * The first bytes of a body, as soon as `isEnough` accepts them, and the whole body to be read from its start. `skipsBlanks`:
 * without the white space and byte order marks before its first text. Some gateways send blanks until the answer is ready; they
 * are dropped as they come, so that any number of them costs little.
 */
export async function peek(
  body: Body,
  isEnough: (head: Uint8Array) => boolean,
  { skipsBlanks = false } = {},
): Promise<{ head: Uint8Array; rest: Body }> {
  const chunks = body[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let head: Uint8Array = new Uint8Array();
  while (!isEnough(head)) {
    const { done, value } = await chunks.next();
    if (done) break;
    const chunk = skipsBlanks && taken.length === 0 ? value.subarray(leadingBlanks(value)) : value;
    if (chunk.length === 0) continue;
    taken.push(chunk);
    head = taken.length === 1 ? chunk : Buffer.concat([head, chunk]);
  }
  return { head, rest: continued(taken, chunks) };
}

/** The body of which some chunks were taken, from its start. */
export function continued(taken: Uint8Array[], chunks: AsyncIterator<Uint8Array>): Body {
  return { [Symbol.asyncIterator]: () => resume(taken, chunks) };
}

function leadingBlanks(chunk: Uint8Array): number {
  for (let at = 0; ; at++) {
    const byte = chunk[at];
    if (byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d)) continue;
    if (byte !== 0xef || chunk[at + 1] !== 0xbb || chunk[at + 2] !== 0xbf) return at;
    at += 2;
  }
}

/** Once the taken chunks are read, each further one costs nothing extra. */
function resume(taken: Uint8Array[], chunks: AsyncIterator<Uint8Array>): AsyncIterator<Uint8Array> {
  return {
    next() {
      const value = taken.shift();
      return value ? Promise.resolve({ done: false, value }) : chunks.next();
    },
    return: (value?: unknown) => chunks.return?.(value) ?? Promise.resolve({ done: true, value }),
  };
}
