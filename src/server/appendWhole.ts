import { ftruncateSync, writeSync } from 'node:fs';

/**
 * Appends a text to a file of `size` bytes, or nothing: a disk that is full takes a part first, after which no later line could be read.
 * @returns bytes
 * @throws what node:fs throws
 */
export function appendWhole(
  file: number,
  text: string,
  size: number,
  write: (file: number, bytes: Uint8Array, from: number) => number = writeSync,
): number {
  const bytes = Buffer.from(text);
  try {
    for (let written = 0; written < bytes.length;) written += write(file, bytes, written);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
  return bytes.length;
}
