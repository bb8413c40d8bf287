import type { Citations, Link } from '../../canonical/events.ts';
import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';

/** The citations of an `output_text` part. Undefined if it has none. */
export function readAnnotations(annotations: unknown): Citations | undefined {
  const items = readObjects(annotations);
  return items.length > 0 ? { dialect: 'openai-responses', items, links: items.flatMap(readLink) } : undefined;
}

/** The objects of a list; empty if the value is not a list. */
export function readObjects(list: unknown): JsonObject[] {
  return Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
}

function readLink({ type, url, title, start_index: start, end_index: end }: JsonObject): Link[] {
  if (type !== 'url_citation' || typeof url !== 'string') return [];
  return [
    {
      url,
      ...(typeof title === 'string' && { title }),
      ...(typeof start === 'number' && typeof end === 'number' && { start, end }),
    },
  ];
}

/** The annotations of a text of `length` characters. A link whose place is not known is of the whole text. */
export function writeAnnotations(citations: Citations | undefined, length: number): JsonObject[] {
  if (!citations) return [];
  if (citations.dialect === 'openai-responses') return citations.items;
  return citations.links.map(({ url, title = '', start = 0, end = length }) => ({
    type: 'url_citation',
    start_index: Math.min(start, length),
    end_index: Math.min(end, length),
    url,
    title,
  }));
}
