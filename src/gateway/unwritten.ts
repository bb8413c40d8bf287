import type { Block, Citations, StreamEvent } from '../canonical/events.ts';
import type { DialectId } from '../canonical/request.ts';

/**
 * What the client's dialect can't express of an answer, as a warning for the user. Undefined if it can, which is decided
 * without allocation: this runs for every event.
 */
export function describeUnwritten(event: StreamEvent, dialect: DialectId): string | undefined {
  if (event.type === 'block-start') return describeBlock(event.block, dialect);
  if (event.type === 'block-end' && event.citations) return describeCitations(event.citations, dialect);
  return event.type === 'logprobs' && dialect === 'anthropic-messages'
    ? "The answer has logprobs, for which the client's API has no place: left out."
    : undefined;
}

function describeBlock(block: Block, dialect: DialectId): string | undefined {
  // The chat writer has no place for a part of an unknown type, not even for one of its own dialect.
  if (block.type === 'native' && (block.dialect !== dialect || dialect === 'openai-chat')) {
    const type = String(block.json['type']).slice(0, 60);
    return `The answer has a "${type}" that the client's API does not have: left out.`;
  }
  if (block.type !== 'media' || block.media.own.dialect === dialect) return undefined;
  const { kind, url = '' } = block.media;
  const isData = url.startsWith('data:');
  const fits = kind === 'image' && (dialect === 'openai-chat' ? url !== '' : dialect === 'openai-responses' && isData);
  return fits ? undefined : `The answer has ${kind === 'image' ? 'an image' : 'a sound'}, for which the client's API has no place: described in the text.`; // prettier-ignore
}

function describeCitations(citations: Citations, dialect: DialectId): string | undefined {
  if (citations.dialect === dialect) return undefined;
  const { items, links, fields } = citations;
  if (links.length < items.length || (fields && links.length === 0))
    return `Left out of the answer: ${items.length - links.length} citations without an address.`;
  return dialect === 'anthropic-messages'
    ? "The answer's citations are listed at its end: the client's API has only those of its own provider."
    : undefined;
}
