import { isObject } from '../canonical/json.ts';
import type { ChatRequest } from '../canonical/request.ts';

/**
 * Whether each call in a client's own JSON has its input in the form that the wire wants, as far as its type shows: then
 * the relay may send it as it is. `inputsOf` yields the inputs of one message or item.
 */
export function inputsFit(
  { source }: ChatRequest,
  list: 'messages' | 'input',
  inputsOf: (item: Record<string, unknown>) => unknown[],
  isFit: (input: unknown) => boolean,
): boolean {
  const items = source?.body[list];
  if (!Array.isArray(items)) return true;
  for (const item of items) if (isObject(item) && !inputsOf(item).every(isFit)) return false;
  return true;
}

export function isText(input: unknown): boolean {
  return typeof input === 'string';
}
