import type { Clock } from './clock.ts';
import type { UpstreamReply } from './upstream.ts';

/**
 * The text at the beginning of a body: what has arrived when it ends or breaks, when `maxBytes` have arrived, or after
 * `limitMs`. Never rejects. The rest is not read, so the caller has to release the connection.
 */
export async function readBeginning(
  body: UpstreamReply['body'],
  { maxBytes, limitMs }: { maxBytes: number; limitMs: number },
  clock: Clock,
): Promise<string> {
  const chunks = body[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  const timeUp = Promise.withResolvers<undefined>();
  const cancel = clock.after(limitMs, () => timeUp.resolve(undefined));
  try {
    for (let size = 0; size < maxBytes;) {
      const next = await Promise.race([chunks.next(), timeUp.promise]);
      if (next === undefined || next.done) break;
      taken.push(next.value);
      size += next.value.length;
    }
  } catch {
    // What arrived before it broke off may still say why.
  }
  cancel();
  // Half a character at the end is left out.
  return new TextDecoder().decode(Buffer.concat(taken).subarray(0, maxBytes), { stream: true });
}
