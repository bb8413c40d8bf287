import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { readResponse } from './readEvent.ts';

/**
 * An item id that encodes the reply and the item's index, so that references to it can be resolved. As in OpenAI's API, clients
 * may send `{type: "item_reference", id}` for an item of a stored reply. The Vercel AI SDK does so for all text and reasoning
 * unless `store` is false (@ai-sdk/openai 4.0.118, convert-to-openai-responses-input.ts).
 */
export function referableId(prefix: string, replyId: string, index: number): string {
  return `${prefix}_${replyId.replace(/^resp_/, '')}_${index}`;
}

function replyIdOf(itemId: string): string | undefined {
  const stem = /^[a-z]+_(.+)_\d+$/.exec(itemId)?.[1];
  return stem === undefined ? undefined : `resp_${stem}`;
}

/**
 * Replaces item references in the client's body with the items, or returns the same body if there are none. Unknown references
 * stay, since the provider may know them.
 */
export function resolveReferences(body: unknown, read: (replyId: string) => JsonObject | undefined): unknown {
  if (!isObject(body) || !Array.isArray(body['input']) || !body['input'].some(isReference)) return body;
  const input = body['input'] as unknown[];
  const resolved = input.map((item) => (isReference(item) ? findItem(item.id, read) : undefined) ?? item);
  return resolved.every((item, index) => item === input[index]) ? body : { ...body, input: resolved };
}

function isReference(item: unknown): item is { id: string } {
  return isObject(item) && item['type'] === 'item_reference' && typeof item['id'] === 'string';
}

/** Finds an item and removes its id, which the next provider would not recognize. */
function findItem(itemId: string, read: (replyId: string) => JsonObject | undefined): JsonObject | undefined {
  const replyId = replyIdOf(itemId);
  const stored = replyId === undefined ? undefined : read(replyId);
  const output = stored && readResponse(stored).output;
  const item = output?.find(({ id }) => id === itemId);
  if (!item) return undefined;
  const { id: _, status: __, ...rest } = item;
  return rest;
}
