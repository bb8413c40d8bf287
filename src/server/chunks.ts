// The chunks in which HTTP/1.1 sends a body whose length is not known (RFC 9112, 7.1).
import { bytesOf, encode, type Pieces } from '../sse/pieces.ts';

const lineEnd = '\r\n';

/** The chunk that ends a body. */
export const lastChunk = `0${lineEnd}${lineEnd}`;

/** The most characters of the line with a chunk's length. */
const longestHead = 16;

/** A text as one chunk, and what comes after it. An empty text is no chunk, since that would end the body. */
export function chunkOf(pieces: Pieces, after = ''): Uint8Array[] {
  const tail = lineEnd + after;
  if (pieces.every((piece) => typeof piece === 'string')) {
    const bytes = encode(pieces, longestHead, tail.length);
    const length = bytes.length - longestHead - tail.length;
    if (length === 0) return [Buffer.from(after)];
    const head = headOf(length);
    bytes.write(head, longestHead - head.length, 'latin1');
    bytes.write(tail, longestHead + length, 'latin1');
    return [bytes.subarray(longestHead - head.length)];
  }
  const content = bytesOf(pieces);
  const length = content.reduce((sum, bytes) => sum + bytes.length, 0);
  return length === 0 ? [Buffer.from(after)] : [Buffer.from(headOf(length)), ...content, Buffer.from(tail)];
}

function headOf(length: number): string {
  return length.toString(16) + lineEnd;
}
