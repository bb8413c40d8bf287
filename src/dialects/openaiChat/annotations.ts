import type { Citations, Delta, Link } from '../../canonical/events.ts';
import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Answer, Chunk } from './readChunk.ts';

/** Reads what an answer refers to. Providers give it in pieces, again and again, or only after the finish reason. */
export type AnnotationReader = {
  push(answer: Answer): void;
  /** References within a `content` list (Mistral). */
  pushPart(part: JsonObject): void;
  pushFields(chunk: Chunk): void;
  /** Emits what was read, as the end of the text. */
  flush(): void;
};

export function createAnnotationReader(emit: (delta: Delta) => void, key: string): AnnotationReader {
  const items = new Map<string, JsonObject>();
  let fields: JsonObject | undefined;

  function add(item: unknown): void {
    if (isObject(item)) items.set(JSON.stringify(item), item);
  }

  return {
    push({ annotations }) {
      if (Array.isArray(annotations)) for (const item of annotations as unknown[]) add(item);
    },
    pushPart: add,
    pushFields({ citations, search_results: results }) {
      if (!isFilled(citations) && !isFilled(results)) return;
      fields = {
        ...fields,
        ...(isFilled(citations) && { citations }),
        ...(isFilled(results) && { search_results: results }),
      };
    },
    flush() {
      if (items.size === 0 && fields === undefined) return;
      const own = [...items.values()];
      const links = [...own.flatMap(readLink), ...readFieldLinks(fields ?? {}, own.length > 0)];
      emit({
        type: 'block-end',
        key,
        citations: { dialect: 'openai-chat', items: own, links, ...(fields && { fields }) },
      });
      items.clear();
      fields = undefined;
    },
  };
}

function isFilled(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/** A `url_citation`, whose fields are in an object of that name, or beside the type at some providers. */
function readLink(item: JsonObject): Link[] {
  const nested = item['url_citation'];
  const { url, title, start_index: start, end_index: end } = isObject(nested) ? nested : item;
  if (typeof url !== 'string' || url === '') return [];
  return [
    {
      url,
      ...(typeof title === 'string' && { title }),
      ...(typeof start === 'number' && typeof end === 'number' && { start, end }),
    },
  ];
}

/**
 * Perplexity's `citations` are addresses and its `search_results` have the titles; xAI has `citations` only. The places in
 * the text are not told. `annotated`: the annotations have the same links, with their places.
 */
function readFieldLinks({ citations, search_results: results }: JsonObject, annotated: boolean): Link[] {
  if (annotated) return [];
  const found = isFilled(results) ? results.filter(isObject).flatMap(readLink) : [];
  if (!isFilled(citations)) return found;
  const titles = new Map(found.map(({ url, title }) => [url, title]));
  return citations.flatMap((each): Link[] => {
    if (isObject(each)) return readLink(each);
    return typeof each === 'string' && each !== '' ? [{ url: each, title: titles.get(each) }] : [];
  });
}

/** The annotations of a text that begins at `offset` in the message's content and has `length` characters. */
export function writeAnnotations(
  { dialect, items, links }: Citations,
  { offset, length }: { offset: number; length: number },
): JsonObject[] {
  if (dialect === 'openai-chat') return items;
  return links.map(({ url, title = '', start = 0, end = length }) => ({
    type: 'url_citation',
    url_citation: { url, title, start_index: offset + start, end_index: offset + end },
  }));
}

/** Fields of the whole reply that belong to the citations. */
export function citationFields(citations: Citations | undefined): JsonObject {
  return citations?.dialect === 'openai-chat' ? (citations.fields ?? {}) : {};
}
