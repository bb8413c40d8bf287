import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { brotliDecompress, gunzip, inflate, zstdDecompress, type InputType } from 'node:zlib';
import { GatewayError, messageOf } from '../canonical/errors.ts';
import { isTooDeep, mostLevels, own } from '../canonical/json.ts';
import { cut } from '../canonical/visibleText.ts';
import type { Hold } from './bodyBudget.ts';

/** Limit for the body as sent, and again after decompression. Bytes. */
export const maxBodyBytes = 64 * 1024 * 1024;

/** From here on, other streams get a turn between the steps of a request, each of which takes milliseconds. Bytes. */
export const longBody = 512 * 1024;

const limitText = `${maxBodyBytes / 1024 / 1024} MiB`;

type Decompress = (
  compressed: InputType,
  options: { maxOutputLength: number },
  callback: (error: Error | null, text: Buffer) => void,
) => void;

/** By content encoding. Codex can be configured to use zstd; proxies and SDKs use the others. */
const decompressors: Record<string, Decompress> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br: brotliDecompress,
  zstd: zstdDecompress,
};

/** The part of a request that is read here. */
export type BodySource = Readable & Pick<IncomingMessage, 'headers'>;

/** The length that a request states, at most what is accepted; 0 if it states none. Bytes. */
export function statedLength({ headers }: Pick<BodySource, 'headers'>): number {
  return Math.min(Number(headers['content-length'] ?? 0) || 0, maxBodyBytes);
}

/**
 * The JSON body of a request. `hold` is told how large it is.
 * @throws GatewayError `too-large`, `invalid-request` or, by `hold`, `overloaded`.
 */
export async function readJsonBody(request: BodySource, hold?: Hold): Promise<unknown> {
  const sent = await readBytes(request, hold);
  const bytes = await decompressBody(sent, request.headers['content-encoding']);
  hold?.resize(bytes.length);
  const value = parse(bytes.toString('utf8'));
  if (bytes.length > longBody) await setImmediate();
  if (!isTooDeep(value)) return value;
  const message = `The request body is nested too deeply: more than ${mostLevels} arrays and objects within each other.`;
  throw new GatewayError('invalid-request', message);
}

function parse(text: string): unknown {
  try {
    // A byte order mark is not part of the text (RFC 8259, 8.1).
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as unknown;
  } catch (thrown) {
    throw new GatewayError('invalid-request', `The request body is not valid JSON: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** By its events: an iterator would cost more than all that is done with a short body. */
async function readBytes(request: BodySource, hold: Hold | undefined): Promise<Buffer> {
  const tooLarge = (): GatewayError => new GatewayError('too-large', `The request body is larger than ${limitText}.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  let size = 0;
  const stated = statedLength(request);
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    chunks.push(chunk);
    try {
      if (size > maxBodyBytes) throw tooLarge();
      if (size > stated) hold?.resize(size);
    } catch (thrown) {
      fail(thrown as Error);
    }
  };
  const onEnd = (): void => {
    leave();
    resolve();
  };
  const fail = (error: Error): void => {
    leave();
    reject(error);
  };
  const onClose = (): void => fail(new Error('The client closed the connection before the end of its request.'));
  // At once, since a request is closed as soon as it has ended. It is not destroyed: its socket is needed for a refusal.
  const leave = (): void => void request.off('data', onData).off('end', onEnd).off('error', fail).off('close', onClose);
  request.on('data', onData).on('end', onEnd).on('error', fail).on('close', onClose);
  await promise;
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

async function decompressBody(bytes: Buffer, encoding = 'identity'): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return bytes;
  const decompress = own(decompressors, name);
  if (!decompress) {
    throw new GatewayError(
      'invalid-request',
      `Unknown content encoding "${cut(encoding, 100)}". CCR accepts zstd, gzip, br and deflate.`,
    );
  }
  return new Promise((resolve, reject) => {
    decompress(bytes, { maxOutputLength: maxBodyBytes }, (error, text) => {
      if (!error) return resolve(text);
      const tooLarge = 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      if (tooLarge)
        reject(new GatewayError('too-large', `The request body is larger than ${limitText} after decompression.`));
      else
        reject(
          new GatewayError('invalid-request', `The request body can't be decompressed as ${name}: ${error.message}`, {
            cause: error,
          }),
        );
    });
  });
}
