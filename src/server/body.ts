import type { IncomingMessage } from 'node:http';
import { brotliDecompress, gunzip, inflate, zstdDecompress, type InputType } from 'node:zlib';
import { GatewayError } from '../canonical/errors.ts';

/** Both of what comes over the wire and of what it unpacks to. Bytes. */
export const maxBodyBytes = 64 * 1024 * 1024;

const limitText = `${maxBodyBytes / 1024 / 1024} MiB`;

type Unpack = (
  packed: InputType,
  options: { maxOutputLength: number },
  callback: (error: Error | null, text: Buffer) => void,
) => void;

/** Codex compresses with zstd when it is told to; proxies and SDKs use the others. */
const unpackers: Record<string, Unpack> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br: brotliDecompress,
  zstd: zstdDecompress,
};

/** The JSON of a request. @throws GatewayError `too-large` or `invalid-request`. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const bytes = await unpack(await readBytes(request), request.headers['content-encoding']);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new GatewayError('invalid-request', `The request body is not valid JSON: ${why}`, { cause: thrown });
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = (): GatewayError => new GatewayError('too-large', `The request body is larger than ${limitText}.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // The request is not destroyed with the loop: its socket has to carry our refusal.
  const incoming: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unpack(bytes: Buffer, encoding = 'identity'): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return bytes;
  const unpacker = unpackers[name];
  if (!unpacker) {
    throw new GatewayError(
      'invalid-request',
      `CCR can't read the content encoding "${encoding}". It reads zstd, gzip, br and deflate.`,
    );
  }
  return new Promise((resolve, reject) => {
    unpacker(bytes, { maxOutputLength: maxBodyBytes }, (error, text) => {
      if (!error) return resolve(text);
      const tooLarge = 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      if (tooLarge) reject(new GatewayError('too-large', `The request body unpacks to more than ${limitText}.`));
      else
        reject(
          new GatewayError('invalid-request', `The request body can't be unpacked as ${name}: ${error.message}`, {
            cause: error,
          }),
        );
    });
  });
}
