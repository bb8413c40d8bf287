import type { Delta } from '../canonical/events.ts';
import type { Stage } from '../canonical/stage.ts';
import { closers, partialTagLength } from './tags.ts';

type ReasoningDelta = Extract<Delta, { type: 'reasoning-delta' }>;

/**
 * Drops a closing tag, and the line ends before it, at the very end of reasoning that came in its own field
 * (test/fixtures/providers/minimax-details-leaked-closing-tag.sse). A tag followed by more reasoning is kept: the model is
 * writing about tags. Only a possible tag is held back. Proofs pass unchanged.
 */
export const dropLeakedCloser: Stage<Delta, Delta> = (emit) => {
  /** A possible closing tag, or the beginning of one, with the line ends before it. */
  let held: ReasoningDelta | undefined;

  function release(): void {
    if (!held) return;
    if (!closers.includes(held.text.trim())) emit(held);
    held = undefined;
  }

  function pushReasoning(delta: ReasoningDelta): void {
    if (held && held.key !== delta.key) release();
    const text = (held?.text ?? '') + delta.text;
    const start = tagStart(text);
    held = start === text.length ? undefined : { ...delta, text: text.slice(start) };
    if (start > 0) emit({ ...delta, text: text.slice(0, start) });
  }

  return {
    push(delta) {
      // A delta without text opens a block that only holds a proof.
      if (delta.type === 'reasoning-delta' && delta.text !== '') return pushReasoning(delta);
      // Chat providers send empty text with each piece of reasoning.
      if (delta.type !== 'text-delta' || delta.text !== '') release();
      emit(delta);
    },
    end: release,
  };
};

/** The index of the closing tag (or partial closing tag) at the end of `text`; the length of `text` if there is none. */
function tagStart(text: string): number {
  const trimmed = text.trimEnd();
  const whole = closers.find((closer) => trimmed.endsWith(closer));
  const length = whole ? text.length - trimmed.length + whole.length : partialTagLength(text, closers);
  if (length === 0) return text.length;
  // Not a regular expression: that would be quadratic in a text full of line ends.
  let start = text.length - length;
  while (start > 0 && (text[start - 1] === '\n' || text[start - 1] === '\r')) start--;
  return start;
}
