import type { Delta } from '../canonical/events.ts';
import type { ReplySource } from './replySource.ts';

/**
 * Turns the error with which a content filter breaks off a reply into a refusal, with the provider's message as its text:
 * clients would retry an error and be refused again.
 */
export function refuseFiltered<Source extends ReplySource>(source: Source): Source {
  return {
    ...source,
    next: () =>
      source.next().then((batch) => {
        const place = batch?.deltas.findIndex(isFiltered) ?? -1;
        if (!batch || place < 0) return batch;
        return { ...batch, deltas: [...batch.deltas.slice(0, place), ...refusalOf(batch.deltas[place])] };
      }),
  };
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
