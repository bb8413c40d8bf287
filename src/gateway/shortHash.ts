import { createHash } from 'node:crypto';

/** Twelve characters that stand for a text and do not tell it. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
