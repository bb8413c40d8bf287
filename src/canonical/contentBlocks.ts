import { isObject } from './json.ts';

/** A content in blocks: clients and servers write one text or one block in place of the list. */
export function blocksOf(content: unknown): unknown[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (isObject(content)) return [content];
  return Array.isArray(content) ? (content as unknown[]) : [];
}
