import { keepPlaces } from '../canonical/citationPlaces.ts';
import { fitCalls } from '../canonical/fitCalls.ts';
import type { Delta } from '../canonical/events.ts';
import type { Tool } from '../canonical/request.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import { readHarmony } from '../providers/leakedCalls/harmony.ts';
import { rescueCalls } from '../providers/leakedCalls/rescueCalls.ts';
import type { Quirks } from '../providers/provider.ts';
import type { OpenerMemory } from '../reasoning/openerMemory.ts';
import { takeThoughts } from '../reasoning/thoughtPairs.ts';

/**
 * The stages that every reply passes through that is read and rewritten, after the provider's own quirks. Markup that the
 * model's server left in the text becomes thoughts, channels and calls, and the calls fit `tools`, which are those that the
 * provider got.
 */
export function repairReply(
  quirks: Pick<Quirks, 'deltas' | 'leavesThoughts'>,
  opener: OpenerMemory | undefined,
  tools: readonly Tool[],
  note: (message: string) => void,
): Stage<Delta, Delta> {
  const own = quirks.deltas?.(opener);
  const stages = [
    ...(own ? [own] : []),
    ...(quirks.leavesThoughts ? [takeThoughts] : []),
    readHarmony(tools, note),
    ...(tools.some(({ kind }) => kind === 'function') ? [rescueCalls(tools, note)] : []),
    fitCalls(tools, note),
  ];
  return keepPlaces(stages.reduce((before, stage) => chain(before, stage)));
}

/** Whether two readings of a whole reply say the same, however they are cut into deltas. */
export function saysTheSame(before: readonly Delta[], after: readonly Delta[]): boolean {
  return JSON.stringify(contentOf(before)) === JSON.stringify(contentOf(after));
}

/** Prose and calls, each block's text in one piece. */
function contentOf(deltas: readonly Delta[]): [type: string, name: string | undefined, text: string][] {
  const blocks = new Map<string, [string, string | undefined, string]>();
  for (const delta of deltas) {
    if (!('text' in delta)) continue;
    const key = `${delta.type} ${delta.key}`;
    const [, name, text] = blocks.get(key) ?? ['', undefined, ''];
    const ownName = delta.type === 'tool-delta' ? delta.name : undefined;
    blocks.set(key, [delta.type, name ?? ownName, text + delta.text]);
  }
  return [...blocks.values()].filter(([type, , text]) => type === 'tool-delta' || text !== '');
}
