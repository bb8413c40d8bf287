import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { GatewayError } from '../canonical/errors.ts';
import { continued, peek } from './peek.ts';
import type { UpstreamReply } from './upstream.ts';

/** The encodings that replies are decoded from, for the request's `accept-encoding`. */
export const acceptedEncodings = 'gzip, deflate, br, zstd';

/** Each piece is passed on as soon as it can be, so that a stream is not held back. */
const flush = zlib.constants.Z_SYNC_FLUSH;

const decoders: Record<string, (head: Uint8Array) => Transform | undefined> = {
  gzip: (head) => (isGzip(head) ? zlib.createGunzip({ flush }) : undefined),
  'x-gzip': (head) => (isGzip(head) ? zlib.createGunzip({ flush }) : undefined),
  // The name means zlib's format; some servers send the bare one.
  deflate: (head) =>
    isZlib(head) ? zlib.createInflate({ flush }) : isText(head) ? undefined : zlib.createInflateRaw({ flush }),
  br: (head) =>
    isText(head) ? undefined : zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  zstd: (head) => (isZstd(head) ? zlib.createZstdDecompress() : undefined),
};

/**
 * The body without its content encodings, whether they were asked for or not. The bytes decide where the label is wrong or was
 * lost: a body that is not compressed as it says passes unchanged, one that is compressed without a label is decoded. Nothing is
 * read before the result is.
 * @throws GatewayError while it is read: `protocol` for an unknown encoding, `connection` for a body that is damaged or cut
 */
export function decodeBody({ headers, body }: Pick<UpstreamReply, 'headers' | 'body'>): UpstreamReply['body'] {
  const encodings = encodingsOf(headers['content-encoding']);
  return decodeUnlabelled(encodings.length === 0 ? body : decodeAll(body, encodings));
}

async function* decodeAll(body: UpstreamReply['body'], encodings: readonly string[]): AsyncGenerator<Uint8Array> {
  let decoded = body;
  for (const encoding of encodings.toReversed()) {
    const create = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
    const { head, rest } = await peek(decoded, (bytes) => bytes.length >= 4);
    // Some servers write the encoding of the characters there (httpx#195).
    if (!create && !isText(head)) throw unknownEncoding(encoding);
    const decoder = head.length > 0 ? create?.(head) : undefined;
    decoded = decoder ? decode(rest, decoder) : rest;
  }
  yield* decoded;
}

/**
 * A proxy on the way may have dropped the label (raptor#547), or compressed once more. Once the first bytes are known, each
 * further chunk costs nothing extra.
 */
function decodeUnlabelled(body: UpstreamReply['body']): UpstreamReply['body'] {
  return {
    [Symbol.asyncIterator]() {
      let chunks: AsyncIterator<Uint8Array> | undefined;
      async function first(): Promise<IteratorResult<Uint8Array>> {
        const source = body[Symbol.asyncIterator]();
        const read = await source.next();
        if (read.done || isUnpacked(read.value)) {
          chunks = source;
          return read;
        }
        const { head, rest } = await peek(continued([read.value], source), ({ length }) => length >= 4);
        const decoder = isZstd(head)
          ? zlib.createZstdDecompress()
          : isGzip(head)
            ? zlib.createGunzip({ flush })
            : undefined;
        chunks = (decoder ? decode(rest, decoder) : rest)[Symbol.asyncIterator]();
        return chunks.next();
      }
      return {
        next: () => (chunks ? chunks.next() : first()),
        return: (value?: unknown) =>
          (chunks ?? body[Symbol.asyncIterator]()).return?.(value) ?? Promise.resolve({ done: true, value }),
      };
    },
  };
}

function isUnpacked({ 0: first }: Uint8Array): boolean {
  return first !== undefined && first !== 0x1f && first !== 0x28;
}

function encodingsOf(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  const names = String(header)
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  return names.filter((name) => name !== '' && name !== 'identity' && name !== 'none');
}

function unknownEncoding(encoding: string): GatewayError {
  const name = encoding.replaceAll(/[^\w-]/g, '?').slice(0, 40);
  return new GatewayError('protocol', `The provider sent a reply in the encoding "${name}", which CCR can't read.`);
}

/** Codes of node:zlib: of zlib and of any cut body, of Brotli, of Zstandard. */
const damageCode = /^(?:Z_|ERR__ERROR_|ZSTD_)/;

async function* decode(body: UpstreamReply['body'], decoder: Transform): AsyncGenerator<Uint8Array> {
  // An error of either stream reaches the reader of the decoder.
  pipeline(Readable.from(body, { objectMode: false }), decoder, () => undefined);
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array;
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown) || !damageCode.test(String(thrown.code))) throw thrown;
    const message = 'The compressed reply of the provider is damaged or cut off.';
    throw new GatewayError('connection', message, { cause: thrown });
  }
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

function isZstd(head: Uint8Array): boolean {
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
}

/** RFC 1950: the method is 8, and the first two bytes are a multiple of 31. */
function isZlib({ 0: a = 0, 1: b = 0 }: Uint8Array): boolean {
  return (a & 0x0f) === 8 && ((a << 8) | b) % 31 === 0;
}

/** Whether a body begins as JSON or an event stream does. */
function isText(head: Uint8Array): boolean {
  return /^(?:\ufeff)?\s*(?:[{["<:]|data|even|id:|retr)/.test(Buffer.from(head).toString('utf8'));
}
