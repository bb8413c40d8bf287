import type { Delta } from '../canonical/events.ts';
import type { Stage } from '../canonical/stage.ts';
import { trackQuotation } from './quotation.ts';
import { closers, findTag, firstOfTag, partialTagLength, tags } from './tags.ts';

/** What is known from the answers of one target: whether the opening tag of its thinking is missing. */
export type OpenerMemory = {
  /** `unlessTold` while no answer has shown it. */
  isOmitted(unlessTold: boolean): boolean;
  /** Called once an answer has shown it. */
  learn(isOmitted: boolean): void;
};

/**
 * The most white space to skip after a closing tag in search of the answer. Models that are stuck send it endlessly.
 * Characters.
 */
const longestSpace = 1000;
const beforeMention = /[\s"'“‘(*_/]$/;
const afterMention = /^[^\S\n]*[^\s<]/;

/**
 * Passes an answer on unchanged and learns from it: a closing tag without an opening one before it shows that the opener was
 * omitted, and a complete answer without tags that it was not. Tags that are quoted or named in a sentence show nothing, and
 * neither do answers with native reasoning, JSON, or answers that were cut off or have nothing before or after the tag.
 */
export function learnOpener(memory: OpenerMemory): Stage<Delta, Delta> {
  return (emit) => {
    const quotation = trackQuotation();
    let isSettled = false;
    let hasText = false;
    let hasMention = false;
    /** Text before `tail`. Whether it opens a quotation matters only if a closing tag comes. */
    let unread: string[] = [];
    /** The end of the text, from a possible tag on. */
    let tail = '';

    function settle(isOmitted?: boolean): void {
      isSettled = true;
      if (isOmitted !== undefined) memory.learn(isOmitted);
    }

    function read(more: string, isLast: boolean): void {
      let text = tail + more;
      for (;;) {
        const found = findTag(text, tags);
        if (!found) break;
        const end = found.index + found.tag.length;
        // An opening tag, even a quoted one, explains every later closing tag.
        if (!closers.includes(found.tag)) return settle();
        const before = unread.join('') + text.slice(0, found.index);
        // A stray tag: no thinking came before it.
        if (before.trim() === '' && !hasMention) return settle();
        const after = text.slice(end);
        // The answer has to follow, and it tells whether the tag is only named.
        if (after.trim() === '') {
          tail = text;
          return isLast || after.length > longestSpace ? settle() : undefined;
        }
        quotation.push(before);
        if (!isMention(before, after)) return settle(true);
        hasMention = true;
        quotation.push(found.tag);
        unread = [];
        text = after;
      }
      const kept = partialTagLength(text, tags);
      unread.push(text.slice(0, text.length - kept));
      tail = text.slice(text.length - kept);
    }

    function end(isComplete: boolean): void {
      read('', true);
      if (!isSettled) settle(hasText && !hasMention && isComplete ? false : undefined);
    }

    function isMention(before: string, after: string): boolean {
      return quotation.isOpen() || (!before.endsWith('\n') && beforeMention.test(before) && afterMention.test(after));
    }

    function pushText(text: string): void {
      if (!hasText) {
        const begun = text.trimStart();
        hasText = begun !== '';
        // A JSON answer tells nothing.
        if (begun.startsWith('{')) return settle();
      }
      if (tail !== '' || firstOfTag.test(text)) read(text, false);
      else unread.push(text);
    }

    return {
      push(delta) {
        if (!isSettled) {
          if (delta.type === 'text-delta' && delta.text !== '') pushText(delta.text);
          else if (delta.type === 'reasoning-delta' && delta.text !== '') settle();
          else if (delta.type === 'finish') end(delta.reason === 'stop' || delta.reason === 'tool-calls');
          // Some hosts name no finish reason.
          else if (delta.type === 'done') end(true);
        }
        emit(delta);
      },
      end() {},
    };
  };
}
