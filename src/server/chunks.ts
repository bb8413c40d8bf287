// The chunks in which HTTP/1.1 sends a body whose length is not known (RFC 9112, 7.1).

const lineEnd = '\r\n';

/** The chunk that ends a body. */
export const lastChunk = `0${lineEnd}${lineEnd}`;

/** A text as one chunk, and what comes after it. An empty text is no chunk, since that would end the body. */
export function chunkOf(text: string, after = ''): Buffer {
  if (text === '') return Buffer.from(after);
  const length = Buffer.byteLength(text);
  const head = length.toString(16) + lineEnd;
  const tail = lineEnd + after;
  const bytes = Buffer.allocUnsafe(head.length + length + tail.length);
  bytes.write(head, 0, 'latin1');
  bytes.write(text, head.length, 'utf8');
  bytes.write(tail, head.length + length, 'latin1');
  return bytes;
}
