import type { Delta } from '../canonical/events.ts';
import { scrubError, type Scrub } from './scrub.ts';

/**
 * A reply's deltas with errors that a client may see: without secrets, since providers quote the key that they reject, and
 * with a refusal for one with which a content filter breaks off a reply. `isRelayed`: a relay passes the provider's frames on,
 * so such an error stays one. The model's text is unchanged.
 */
export function cleanErrors(deltas: Delta[], scrub: Scrub, isRelayed: boolean): Delta[] {
  if (!deltas.some(isError)) return deltas;
  const scrubbed = deltas.map((delta) => scrubDelta(delta, scrub));
  return isRelayed ? scrubbed : refuseFiltered(scrubbed);
}

/** @throws the first error of the deltas, while an answer is held back: another target may still give one. */
export function throwError(deltas: readonly Delta[]): void {
  const found = deltas.find(isError);
  if (found) throw found.error;
}

function isError(delta: Delta): delta is Extract<Delta, { type: 'error' }> {
  return delta.type === 'error';
}

function scrubDelta(delta: Delta, scrub: Scrub): Delta {
  return delta.type === 'error' ? { type: 'error', error: scrubError(delta.error, scrub) } : delta;
}

/** The provider's message becomes the text of the refusal: clients would retry an error and be refused again. */
function refuseFiltered(deltas: Delta[]): Delta[] {
  const place = deltas.findIndex(isFiltered);
  return place < 0 ? deltas : [...deltas.slice(0, place), ...refusalOf(deltas[place])];
}

function isFiltered(delta: Delta): boolean {
  return delta.type === 'error' && delta.error.details.filtered === true;
}

function refusalOf(failed: Delta | undefined): Delta[] {
  if (failed?.type !== 'error') return [];
  return [
    { type: 'refusal-delta', key: 'filtered', text: failed.error.message },
    { type: 'finish', reason: 'content-filter', raw: 'content_filter' },
    { type: 'done' },
  ];
}
