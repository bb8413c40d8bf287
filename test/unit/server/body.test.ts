import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { maxBodyBytes, readJsonBody } from '../../../src/server/body.ts';

function requestOf(body: Buffer, headers: Record<string, string> = {}) {
  return Object.assign(Readable.from([body]), { headers });
}

const json = Buffer.from('{"text":"ü"}');

describe('readJsonBody', () => {
  it.each([
    ['identity', json],
    ['gzip', gzipSync(json)],
    ['deflate', deflateSync(json)],
    ['br', brotliCompressSync(json)],
    ['zstd', zstdCompressSync(json)],
  ])('reads %s', async (encoding, body) => {
    await expect(readJsonBody(requestOf(body, { 'content-encoding': encoding }))).resolves.toEqual({ text: 'ü' });
  });

  it('reads a body with a byte order mark', async () => {
    await expect(readJsonBody(requestOf(Buffer.from('\ufeff{"a":1}')))).resolves.toEqual({ a: 1 });
  });

  it.each([
    ['bad JSON', requestOf(Buffer.from('{"a":')), 'invalid-request', 'not valid JSON'],
    ['an unknown encoding', requestOf(json, { 'content-encoding': 'lzma' }), 'invalid-request', 'lzma'],
    ['a broken encoding', requestOf(json, { 'content-encoding': 'zstd' }), 'invalid-request', "can't be decompressed"],
    [
      'a declared length over the limit',
      requestOf(json, { 'content-length': String(maxBodyBytes + 1) }),
      'too-large',
      '64 MiB',
    ],
    [
      'too many levels',
      requestOf(Buffer.from('['.repeat(5000) + ']'.repeat(5000))),
      'invalid-request',
      'nested too deeply: more than 200',
    ],
    ['a length over the limit', requestOf(Buffer.alloc(maxBodyBytes + 1, 32)), 'too-large', '64 MiB'],
    [
      'a length over the limit after decompression',
      requestOf(zstdCompressSync(Buffer.alloc(maxBodyBytes + 1)), { 'content-encoding': 'zstd' }),
      'too-large',
      'after decompression',
    ],
  ])('refuses %s', async (_, request, kind, text) => {
    await expect(readJsonBody(request)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(text) as string,
    });
  });
});
