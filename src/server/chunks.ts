// The chunks in which HTTP/1.1 sends a body whose length is not known (RFC 9112, 7.1).
import { bytesOf, type Pieces } from '../sse/pieces.ts';

const lineEnd = '\r\n';

/** The chunk that ends a body. */
export const lastChunk = `0${lineEnd}${lineEnd}`;

/** A text as one chunk, and what comes after it. An empty text is no chunk, since that would end the body. */
export function chunkOf(pieces: Pieces, after = ''): Uint8Array[] {
  const length = pieces.reduce((sum, piece) => sum + lengthOf(piece), 0);
  return bytesOf(length === 0 ? [after] : [length.toString(16) + lineEnd, ...pieces, lineEnd + after]);
}

/** In bytes. */
function lengthOf(piece: string | Uint8Array): number {
  return typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
}
