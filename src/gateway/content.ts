import type { Delta } from '../canonical/events.ts';
import type { Batch } from './batcher.ts';

/** Whether an answer without content is complete and has cost tokens: another attempt would cost them again. */
export function isPaidFor(held: readonly Batch[]): boolean {
  const deltas = held.flatMap((batch) => batch.deltas);
  const usage = deltas.findLast(({ type }) => type === 'usage');
  const ended = deltas.some(({ type }) => type === 'finish' || type === 'done');
  return ended && usage?.type === 'usage' && usage.usage.outputTokens > 0;
}

/** Whether the client would see it, so that failover is no longer possible. */
export function isContent(delta: Delta): boolean {
  switch (delta.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return delta.text !== '';
    case 'tool-delta':
      return delta.text !== '' || delta.name !== undefined;
    case 'native':
    case 'media':
      return true;
    case 'finish':
      // A retry would be filtered or cut off in the same way.
      return delta.reason === 'content-filter' || delta.reason === 'length';
    default:
      return false;
  }
}
