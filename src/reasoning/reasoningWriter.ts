import type { Delta } from '../canonical/events.ts';
import { createMirror, type ReasoningSource } from './mirror.ts';

/** Emits reasoning from both sources, and drops from each what the other one has sent already. */
export function createReasoningWriter(emit: (delta: Delta) => void) {
  let mirror = createMirror();
  /** The source and block of the last reasoning. */
  let last: { source: ReasoningSource; key: string } | undefined;
  /** Whether that block was opened by the other source. */
  let adopted = false;

  return {
    push(source: ReasoningSource, ownKey: string, text: string): void {
      if (text === '') return;
      const fresh = mirror.push(source, text);
      if (fresh === '') return;
      // A source that continues where the other one stopped continues in its block.
      const shared =
        last !== undefined && mirror.mirrored() && (last.source !== source || (last.key !== ownKey && adopted));
      adopted = shared;
      last = { source, key: shared && last ? last.key : ownKey };
      emit({ type: 'reasoning-delta', key: last.key, text: fresh });
    },
    /** Ends the block that the tags opened. A block shared with native reasoning is ended by the provider's reader. */
    endTagged(key: string): void {
      if (last?.key !== key) return;
      emit({ type: 'block-end', key });
      last = undefined;
    },
    blockEnded(key: string): void {
      if (last?.key === key) last = undefined;
    },
    restart(): void {
      mirror = createMirror();
      last = undefined;
    },
  };
}
