import * as zlib from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../../src/gateway/decodeBody.ts';

const text = `data: {"choices":[{"delta":{"content":"${'Hello 😀 '.repeat(50)}"}}]}\n\n`;
const plain = Buffer.from(text);

const compress: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};

const encoders: Record<string, () => zlib.Gzip | zlib.Deflate | zlib.BrotliCompress | zlib.ZstdCompress> = {
  gzip: () => zlib.createGzip(),
  deflate: () => zlib.createDeflate(),
  br: () => zlib.createBrotliCompress(),
  zstd: () => zlib.createZstdCompress(),
};

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

function decode(bytes: Buffer, encoding?: string, size = 7): Promise<string> {
  const headers = encoding === undefined ? {} : { 'content-encoding': encoding };
  return read(decodeBody({ headers, body: pieces(bytes, size) }));
}

describe('decodeBody', () => {
  it.each(Object.keys(compress))('decodes %s, cut anywhere, in any case', async (encoding) => {
    const bytes = compress[encoding]?.(plain) ?? plain;
    for (const size of [1, 3, 1000]) expect(await decode(bytes, encoding.toUpperCase(), size)).toBe(text);
  });

  it('decodes several encodings, the last one first, x-gzip and deflate without its frame', async () => {
    expect(await decode(zlib.brotliCompressSync(zlib.gzipSync(plain)), 'gzip, br')).toBe(text);
    expect(await decode(zlib.gzipSync(plain), 'x-gzip')).toBe(text);
    expect(await decode(zlib.deflateRawSync(plain), 'deflate')).toBe(text);
  });

  it.each([...Object.keys(compress), 'identity', 'none', ''])(
    'passes a body that is not compressed as %s says',
    async (encoding) => {
      expect(await decode(plain, encoding)).toBe(text);
      expect(await decode(Buffer.alloc(0), encoding)).toBe('');
    },
  );

  it('passes a body without encoding as it is, chunk by chunk', async () => {
    for (const size of [1, 5]) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of decodeBody({ headers: {}, body: pieces(plain, size) })) chunks.push(chunk);
      expect(chunks.map((chunk) => chunk.length === size).slice(0, -1)).not.toContain(false);
      expect(Buffer.concat(chunks)).toEqual(plain);
    }
  });

  it.each(['gzip', 'zstd'])(
    'decodes %s whose label was lost, or that was compressed twice (raptor#547)',
    async (encoding) => {
      const bytes = compress[encoding]?.(plain) ?? plain;
      for (const size of [1, 3, 1000]) expect(await decode(bytes, undefined, size)).toBe(text);
      expect(await decode(zlib.gzipSync(bytes), 'gzip')).toBe(text);
    },
  );

  it.each(['UTF-8', 'aws-chunked'])('passes text whose encoding is said to be %s (httpx#195)', async (encoding) => {
    for (const size of [1, 1000]) expect(await decode(plain, encoding, size)).toBe(text);
  });

  it.each(Object.keys(compress))(
    'passes on what has come of a %s stream without waiting for more',
    async (encoding) => {
      const first = Buffer.from('data: one\n\n');
      const encoder = encoders[encoding]?.();
      const waiting = Promise.withResolvers<void>();
      async function* body(): AsyncGenerator<Uint8Array> {
        const flushed = new Promise<Buffer>((resolve) => {
          const got: Buffer[] = [];
          encoder?.on('data', (chunk: Buffer) => got.push(chunk));
          encoder?.write(first);
          encoder?.flush(() => resolve(Buffer.concat(got)));
        });
        yield await flushed;
        await waiting.promise;
      }
      const chunks = decodeBody({ headers: { 'content-encoding': encoding }, body: body() })[Symbol.asyncIterator]();
      const { value } = await chunks.next();
      expect(Buffer.from(value as Uint8Array).toString('utf8')).toBe('data: one\n\n');
      waiting.resolve();
      encoder?.destroy();
    },
  );

  it.each(['gzip', 'deflate', 'zstd'])('never ends a cut %s body as if it were whole', async (encoding) => {
    const bytes = compress[encoding]?.(plain) ?? plain;
    await expect(decode(bytes.subarray(0, bytes.length - 9), encoding)).rejects.toThrow();
  });

  it.each(Object.keys(compress))('says that a damaged %s body is damaged', async (encoding) => {
    const bytes = Buffer.from(compress[encoding]?.(plain) ?? plain);
    bytes.fill(0xff, 6);
    await expect(decode(bytes, encoding)).rejects.toMatchObject({
      kind: 'connection',
      message: 'The compressed reply of the provider is damaged or cut off.',
    });
  });

  it('refuses an encoding that it does not know', async () => {
    await expect(decode(Buffer.from([0xff, 0x06, 0, 0]), 'snappy')).rejects.toThrow('"snappy"');
  });

  it('ends in bytes or an error, whatever the body and its label are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.constantFrom(...Object.keys(compress)), async (bytes, encoding) => {
        const result = await decode(Buffer.from(bytes), encoding).then(
          () => 'read',
          (thrown: unknown) => (thrown instanceof Error ? 'error' : 'thrown'),
        );
        expect(['read', 'error']).toContain(result);
      }),
      { numRuns: 100 },
    );
  });
});
