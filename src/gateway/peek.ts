import type { UpstreamReply } from './upstream.ts';

type Body = UpstreamReply['body'];

/** The first bytes of a body, as soon as `isEnough` accepts them, and the whole body to be read from its start. */
export async function peek(
  body: Body,
  isEnough: (head: Uint8Array) => boolean,
): Promise<{ head: Uint8Array; rest: Body }> {
  const chunks = body[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let head: Uint8Array = new Uint8Array();
  while (!isEnough(head)) {
    const { done, value } = await chunks.next();
    if (done) break;
    taken.push(value);
    head = taken.length === 1 ? value : Buffer.concat([head, value]);
  }
  return { head, rest: { [Symbol.asyncIterator]: () => resume(taken, chunks) } };
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
