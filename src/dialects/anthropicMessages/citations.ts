import type { Citations, Link } from '../../canonical/events.ts';
import { listSources } from '../../canonical/media.ts';
import type { JsonObject } from '../../canonical/request.ts';

export function readCitations(items: JsonObject[]): Citations {
  return { dialect: 'anthropic-messages', items, links: items.flatMap(readLink) };
}

/** Search results have an address, documents do not. A citation is of the whole block. */
function readLink({ url, source, title }: JsonObject): Link[] {
  const address = typeof url === 'string' ? url : source;
  if (typeof address !== 'string' || !/^https?:/i.test(address)) return [];
  return [{ url: address, ...(typeof title === 'string' && { title }) }];
}

/** Citations in Messages format. */
export function ownCitations(citations: Citations | undefined): JsonObject[] {
  return citations?.dialect === 'anthropic-messages' ? citations.items : [];
}

/**
 * The citations of other dialects as text to append: a Messages citation quotes its source and has an index that only
 * Anthropic can make and reads back. `text` is what comes before.
 */
export function sourcesAfter(text: boolean, citations: Citations | undefined): string {
  if (!citations || citations.dialect === 'anthropic-messages') return '';
  const list = listSources(citations.links);
  return text && list !== '' ? `\n\n${list}` : list;
}
