import { deltaStage } from '../canonical/deltaStage.ts';
import type { Delta, DeltaOf } from '../canonical/events.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import { dropLeakedCloser } from './leakedCloser.ts';
import { trackQuotation } from './quotation.ts';
import { createReasoningWriter } from './reasoningWriter.ts';
import { closers, findTag, pairTags, partialTagLength, tagPairs, tags } from './tags.ts';

export type ThinkTagOptions = {
  /**
   * The host may omit the opening tag: DashScope's GLM (qwen-code#6007), LM Studio (lmstudio-bug-tracker#1495),
   * templates that prefill `<think>` (llama.cpp#24671). Text at the start is then streamed as reasoning until a closing
   * tag that is not quoted as code. If none comes, it was the answer and is sent a second time as text. This does not apply after native reasoning,
   * to JSON, or when the answer breaks off.
   */
  impliedOpener?: boolean | undefined;
};

/**
 * Turns thinking in tags at the start of a text into reasoning. Tags may be split anywhere; only a possible tag, with the
 * white space around it, is held back. Thinking that came both in tags and natively is sent once. A block that is never
 * closed stays reasoning.
 */
export function thinkTags(options: ThinkTagOptions = {}): Stage<Delta, Delta> {
  return chain(
    dropLeakedCloser,
    deltaStage((emit) => splitThinking(options, emit)),
  );
}

type TextDelta = DeltaOf<'text-delta'>;

function splitThinking({ impliedOpener = false }: ThinkTagOptions, emit: (delta: Delta) => void) {
  /** The text being read, without its `text`. */
  let current: Omit<TextDelta, 'text'> | undefined;
  const reasoning = createReasoningWriter(emit);
  const thinkKey = (): string => `${current?.key ?? ''}:thinking`;
  const reader = createTagReader(impliedOpener, {
    text(text) {
      if (current) emit({ ...current, text });
    },
    thinking: (text) => reasoning.push('tagged', thinkKey(), text),
    thinkingEnd: () => reasoning.endTagged(thinkKey()),
  });

  return {
    text(delta: TextDelta) {
      if (delta.text === '') return;
      if (current?.key !== delta.key) {
        reader.settle();
        reader.restart();
      } else if (reader.mode() === 'answer') return emit(delta);
      current = withoutText(delta);
      reader.push(delta.text);
    },
    reasoning(delta: DeltaOf<'reasoning-delta'>) {
      // A delta without text opens a block that only holds a proof.
      if (delta.text === '') return emit(delta);
      reader.requireOpener();
      reasoning.push('native', delta.key, delta.text);
    },
    tool(delta: DeltaOf<'tool-delta'>) {
      // Thinking that was not closed before a call may continue alongside it. Otherwise text after the call may contain thinking again.
      if (reader.mode() !== 'thinking') {
        reader.settle();
        reader.restart();
        reasoning.restart();
      }
      reader.requireOpener();
      emit(delta);
    },
    blockEnd(delta: DeltaOf<'block-end'>) {
      if (delta.key === current?.key) {
        reader.settle();
        reasoning.endTagged(thinkKey());
        current = undefined;
      }
      reasoning.blockEnded(delta.key);
      emit(delta);
    },
    flush: () => reader.settle(),
    breakOff: () => reader.settle('broken'),
  };
}

function withoutText({ text: _, ...rest }: TextDelta): Omit<TextDelta, 'text'> {
  return rest;
}

/**
 * `leading`: at the start of a text, where a tag may come; `thinking`: after an opening tag; `implied`: thinking whose
 * opening tag the host omitted; `answer`: text, whose tags are kept.
 */
type Mode = 'leading' | 'thinking' | 'implied' | 'answer';

type TagReaderOutput = {
  text: (text: string) => void;
  thinking: (text: string) => void;
  thinkingEnd: () => void;
};

/** Longer white space is not treated as space before a tag: models that are stuck send it endlessly. Characters. */
const longestSpace = 1000;

/** Splits one text after another into thinking and answer. */
function createTagReader(impliedOpener: boolean, output: TagReaderOutput) {
  let mode: Mode = 'leading';
  /** Text at the start that may be a tag, or white space before one. */
  let held = '';
  /** Whether a tag was removed just before, so that the white space here belongs to it. */
  let afterTag = false;
  /** Whether the next text may lack its opening tag. */
  let mayImply = impliedOpener;
  let block: ReturnType<typeof createBlockReader> | undefined;

  function emitText(text: string): void {
    if (text === '') return;
    mayImply = false;
    output.text(text);
  }

  function startThinking(next: 'thinking' | 'implied', closing: readonly string[]): void {
    mode = next;
    block = createBlockReader(closing, next === 'implied', output.thinking);
  }

  /** Returns the text that is left to read. */
  function readLeading(text: string): string | undefined {
    const begun = text.trimStart();
    const tag = tags.find((each) => begun.startsWith(each));
    if (tag) return readTag(tag, begun.slice(tag.length));
    const undecided = begun === '' ? text.length <= longestSpace : tags.some((each) => each.startsWith(begun));
    if (undecided) {
      held = afterTag ? begun : text;
      return undefined;
    }
    // A JSON answer is never thinking.
    if (mayImply && begun !== '' && !begun.startsWith('{')) {
      startThinking('implied', closers);
      return text;
    }
    mode = 'answer';
    emitText(afterTag ? begun : text);
    return undefined;
  }

  /** Drops a closing tag without thinking before it: the thinking came natively, or there was none. */
  function readTag(tag: string, rest: string): string {
    afterTag = true;
    mayImply = false;
    const pair = tagPairs.find(({ open }) => open === tag);
    if (pair) startThinking('thinking', [pair.close]);
    return rest;
  }

  function readThinking(text: string): string | undefined {
    const end = block?.push(text);
    if (!end) return undefined;
    output.thinkingEnd();
    mode = 'leading';
    emitText(end.before ?? '');
    afterTag = end.before === undefined;
    mayImply = false;
    return end.rest;
  }

  return {
    mode: () => mode,
    push(text: string): void {
      let rest: string | undefined = held + text;
      held = '';
      while (rest) rest = mode === 'leading' ? readLeading(rest) : readThinking(rest);
    },
    /** What comes next can't lack its opening tag. */
    requireOpener: () => void (mayImply = false),
    /** The next text begins. */
    restart(): void {
      mode = 'leading';
      afterTag = false;
    },
    /** Emits what is held back: the text is complete, or broke off. */
    settle(how: 'complete' | 'broken' = 'complete'): void {
      const rest = held;
      held = '';
      if (mode === 'leading') return emitText(afterTag ? rest.trimStart() : rest);
      if (mode === 'answer') return;
      const thought = block?.settle() ?? '';
      if (mode !== 'implied') return;
      output.thinkingEnd();
      mode = 'answer';
      if (how === 'complete') emitText(thought);
    },
  };
}

/** What follows a block of thinking. If that begins with an opening tag, what came `before` it was the answer. */
type BlockEnd = { rest: string; before?: string };

/** Reads one block of thinking up to its closing tag. */
function createBlockReader(closing: readonly string[], implied: boolean, think: (text: string) => void) {
  /** May be the beginning of a closing tag, or the line end before one. */
  let held = '';
  /** All that was emitted of an implied block. */
  let shown = '';
  /** Whether the opening tag has a line of its own, as the closing one then has: both line ends belong to the tags. */
  let ownLine: boolean | undefined;
  const quotation = trackQuotation();
  let looked = 0;

  /** Reads the implied block up to the end of `text`, which follows what was shown. Returns whether a quotation is open there. */
  function readQuotation(text: string): boolean {
    const whole = shown + text;
    quotation.push(whole.slice(looked));
    looked = whole.length;
    return quotation.isOpen();
  }

  const ends = implied ? pairTags : closing;

  function endOf(text: string): ReturnType<typeof findTag> {
    let end = findTag(text, ends);
    if (!implied) return end;
    while (end && isMention(text, end)) end = findTag(text, ends, end.index + end.tag.length);
    return end;
  }

  /** A quoted tag does not end the block, and an opening one has a line of its own. */
  function isMention(text: string, { index, tag }: { index: number; tag: string }): boolean {
    if (readQuotation(text.slice(0, index))) return true;
    return !closers.includes(tag) && !(shown + text.slice(0, index)).endsWith('\n');
  }

  function withoutLineEnd(text: string): string {
    return ownLine && text.endsWith('\n') ? text.slice(0, -1) : text;
  }

  return {
    /** Undefined while the block is open. */
    push(more: string): BlockEnd | undefined {
      let text = held + more;
      if (ownLine === undefined) {
        ownLine = !implied && text.startsWith('\n');
        if (ownLine) text = text.slice(1);
      }
      const end = endOf(text);
      if (end) {
        const before = text.slice(0, end.index);
        think(withoutLineEnd(before));
        const rest = text.slice(end.index + end.tag.length);
        return closing.includes(end.tag) ? { rest } : { rest: end.tag + rest, before: shown + before };
      }
      const clear = withoutLineEnd(text.slice(0, text.length - partialTagLength(text, ends)));
      held = text.slice(clear.length);
      if (implied) shown += clear;
      think(clear);
      return undefined;
    },
    /** Emits what is held back. Returns the whole text of an implied block. */
    settle(): string {
      const rest = held;
      held = '';
      if (rest.trim() !== '') think(rest);
      return shown + rest;
    },
  };
}
