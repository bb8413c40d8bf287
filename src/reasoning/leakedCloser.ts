import type { Delta } from '../canonical/events.ts';
import type { Stage } from '../canonical/stage.ts';
import { closers, partialTagLength } from './tags.ts';

type ReasoningDelta = Extract<Delta, { type: 'reasoning-delta' }>;

/**
 * Drops a closing tag at the very end of reasoning that came in a field of its own, with the line ends before it
 * (test/fixtures/providers/minimax-details-leaked-closing-tag.sse). One with more reasoning behind it is left alone: that
 * is reasoning about tags. Holds nothing but what may be such a tag. A proof stays as it came.
 */
export const dropLeakedCloser: Stage<Delta, Delta> = (emit) => {
  /** Its text is a tag, or the beginning of one, with the line ends before it. */
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
      // Without text it opens a block for a proof alone.
      if (delta.type === 'reasoning-delta' && delta.text !== '') return pushReasoning(delta);
      // Chat providers send empty text beside each piece of reasoning.
      if (delta.type !== 'text-delta' || delta.text !== '') release();
      emit(delta);
    },
    end: release,
  };
};

/** Where the closing tag at the end of `text`, or the beginning of one, starts; the length of `text` if there is none. */
function tagStart(text: string): number {
  const trimmed = text.trimEnd();
  const whole = closers.find((closer) => trimmed.endsWith(closer));
  const length = whole ? text.length - trimmed.length + whole.length : partialTagLength(text, closers);
  if (length === 0) return text.length;
  // No regular expression: a search for the last run of line ends is quadratic in a text that is full of them.
  let start = text.length - length;
  while (start > 0 && (text[start - 1] === '\n' || text[start - 1] === '\r')) start--;
  return start;
}
