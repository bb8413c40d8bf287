import type { Delta } from '../canonical/events.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import { learnOpener, type OpenerMemory } from './openerMemory.ts';
import { thinkTags } from './thinkTags.ts';

/**
 * Reads thinking in tags. Whether its opening tag may be missing `isKnown`, or is learnt from the answers. Without a memory
 * none can be missing.
 */
export function readThinking(isKnown: boolean, opener: OpenerMemory | undefined): Stage<Delta, Delta> {
  if (!opener) return thinkTags();
  if (isKnown) return thinkTags({ impliedOpener: true });
  return chain(learnOpener(opener), thinkTags({ impliedOpener: opener.isOmitted() }));
}
