import { randomFillSync } from 'node:crypto';

const idBytes = 16;
const idsAtOnce = 256;

/** Makes ids such as `resp_` and 32 random hex digits. The random bytes of many come at once, since each call for them takes microseconds. */
export function createIds(fill: (bytes: Buffer) => void = randomFillSync): (prefix: string) => string {
  const bytes = Buffer.alloc(idBytes * idsAtOnce);
  let from = bytes.length;
  return (prefix) => {
    if (from === bytes.length) {
      fill(bytes);
      from = 0;
    }
    const start = from;
    from += idBytes;
    return `${prefix}_${bytes.toString('hex', start, from)}`;
  };
}

export const newId = createIds();
