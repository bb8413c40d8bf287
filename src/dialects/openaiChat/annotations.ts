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
  /** Results of searches that the provider ran. */
  const searched: Link[] = [];

  function add(item: unknown): void {
    if (isObject(item)) items.set(JSON.stringify(item), item);
  }

  return {
    push({ annotations, executed_tools: searches = [] }) {
      if (Array.isArray(annotations)) for (const item of annotations as unknown[]) add(item);
      searched.push(...searches.flatMap(readSearch));
    },
    pushPart: add,
    pushFields({ found }) {
      if (found) fields = { ...fields, ...found };
    },
    flush() {
      if (items.size === 0 && fields === undefined && searched.length === 0) return;
      const own = [...items.values()];
      const told = [...own.flatMap(readLink), ...readFieldLinks(fields ?? {}, own.length > 0)];
      const links = told.length > 0 ? told : [...searched];
      emit({
        type: 'block-end',
        key,
        citations: { dialect: 'openai-chat', items: own, links, ...(fields && { fields }) },
      });
      items.clear();
      searched.length = 0;
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
 * Perplexity's `citations` are addresses and its `search_results` have the titles; xAI has `citations` only. Z.AI's
 * `web_search` and DashScope's `search_info` are results. The places in the text are not told. `annotated`: the annotations
 * have the same links, with their places.
 */
function readFieldLinks(
  { citations, search_results: results, web_search: pages, search_info: info }: JsonObject,
  annotated: boolean,
): Link[] {
  if (annotated) return [];
  const found = [results, pages, isObject(info) ? info['search_results'] : undefined].flatMap(readResults);
  if (!isFilled(citations)) return found;
  const titles = new Map(found.map(({ url, title }) => [url, title]));
  return citations.flatMap((each): Link[] => {
    if (isObject(each)) return readLink(each);
    return typeof each === 'string' && each !== '' ? [{ url: each, title: titles.get(each) }] : [];
  });
}

/** The address is in `url`, or in `link`. */
function readResults(results: unknown): Link[] {
  return isFilled(results)
    ? results.filter(isObject).flatMap(({ link, ...page }) => readLink({ url: link, ...page }))
    : [];
}

/** `search_results` of a tool that the provider ran, in an object that has `results`. */
function readSearch({ search_results: found }: JsonObject): Link[] {
  return readResults(isObject(found) ? found['results'] : found);
}

/** The annotations of a text that begins at `offset` in the message's content and has `length` characters. */
export function writeAnnotations(
  { dialect, items, links, fields }: Citations,
  { offset, length }: { offset: number; length: number },
): JsonObject[] {
  if (dialect === 'openai-chat' && (items.length > 0 || fields)) return items;
  return links.map(({ url, title = '', start = 0, end = length }) => ({
    type: 'url_citation',
    url_citation: { url, title, start_index: offset + start, end_index: offset + end },
  }));
}

/** Fields of the whole reply that belong to the citations. */
export function citationFields(citations: Citations | undefined): JsonObject {
  return citations?.dialect === 'openai-chat' ? (citations.fields ?? {}) : {};
}
