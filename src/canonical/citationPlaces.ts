import type { Citations, Delta } from './events.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './request.ts';
import type { Stage } from './stage.ts';

/** Keeps citations at what they are of where `stage` takes something out of the text, such as a thought or a call. */
export function keepPlaces(stage: Stage<Delta, Delta>): Stage<Delta, Delta> {
  return (emit) => {
    /** The texts before and after the stage, by key. */
    const given = new Map<string, string>();
    const left = new Map<string, string>();
    const inner = stage((delta) => {
      if (delta.type === 'text-delta') left.set(delta.key, (left.get(delta.key) ?? '') + delta.text);
      const before = delta.type === 'block-end' && delta.citations ? given.get(delta.key) : undefined;
      const after = left.get('key' in delta ? delta.key : '') ?? '';
      if (delta.type !== 'block-end' || !delta.citations || before === undefined || before === after) emit(delta);
      else emit({ ...delta, citations: moved(delta.citations, before, after) });
      if (delta.type !== 'block-end') return;
      given.delete(delta.key);
      left.delete(delta.key);
    });
    return {
      push(delta) {
        if (delta.type === 'text-delta') given.set(delta.key, (given.get(delta.key) ?? '') + delta.text);
        inner.push(delta);
      },
      end: inner.end,
    };
  };
}

type Place = { start: number; end: number };

function moved(citations: Citations, before: string, after: string): Citations {
  const move = (start: unknown, end: unknown): Place | undefined => {
    if (typeof start !== 'number' || typeof end !== 'number' || end <= start) return undefined;
    const cited = before.slice(start, end);
    const at = after.lastIndexOf(cited, start);
    return at < 0 ? undefined : { start: at, end: at + cited.length };
  };
  return {
    ...citations,
    items: citations.items.map((item) => moveItem(item, move)),
    links: citations.links.map((link) => ({ ...link, ...move(link.start, link.end) })),
  };
}

/** An annotation of either of OpenAI's APIs. */
function moveItem(item: JsonObject, move: (start: unknown, end: unknown) => Place | undefined): JsonObject {
  const nested = item['url_citation'];
  if (isObject(nested)) return { ...item, url_citation: moveItem(nested, move) };
  const place = move(item['start_index'], item['end_index']);
  return place ? { ...item, start_index: place.start, end_index: place.end } : item;
}
