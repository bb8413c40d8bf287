import type { Delta } from '../canonical/events.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import { learnOpener, type OpenerMemory } from './openerMemory.ts';
import { thinkTags } from './thinkTags.ts';

/**
 * Reads thinking in tags. Whether its opening tag may be missing is learnt from the answers; `isLikely` is what counts until
 * then. A user's setting takes precedence (`isTold`). Without a memory, no opening tag counts as missing.
 */
export function readThinking(
  { isTold, isLikely }: { isTold: boolean; isLikely: boolean },
  opener: OpenerMemory | undefined,
): Stage<Delta, Delta> {
  if (!opener) return thinkTags();
  if (isTold) return thinkTags({ impliedOpener: true });
  return chain(learnOpener(opener), thinkTags({ impliedOpener: opener.isOmitted(isLikely) }));
}
