import { deltaStage } from '../canonical/deltaStage.ts';
import type { Delta, DeltaOf } from '../canonical/events.ts';
import type { Stage } from '../canonical/stage.ts';
import { trackQuotation, type Quotation } from './quotation.ts';
import { findTag, firstOfTag, partialTagLength, tagPairs, tags, type TagPair } from './tags.ts';
import { beginsThought, endsThought, isDecided, joined } from './thoughtPlaces.ts';

type TextDelta = DeltaOf<'text-delta'>;

/** A pair of tags that is longer is text: what is held back must not stall a stream for long. Characters. */
export const longestThought = 16 * 1024;

/** A pair that is being read. `after` is the text received after its closing tag, undefined while it is open. */
type Thought = { pair: TagPair; inner: string; tail: string; quotation: Quotation; after: string | undefined };

/** The text of one block received so far. */
type Reading = {
  /** The last delta, as the form of what is emitted. */
  template: TextDelta;
  /** The end of the text that stands before `passed`. */
  before: string;
  /** What was passed on and not looked at: it matters only if a tag comes. */
  passed: string[];
  quotation: Quotation;
  /** What may be the beginning of a tag. */
  tail: string;
  thought: Thought | undefined;
  /** The text talks about tags, so no more of them are read. */
  isTalk: boolean;
  emit: (delta: Delta) => void;
  own: OwnReasoning;
};

/** How much of the text before a tag is looked at. Characters. */
const longestBefore = 1000;

/**
 * Takes thoughts in tags out of the middle of a text: some models go on thinking after their first words (odysseus#996,
 * qwen-code#10791). It acts only on a complete pair that is not quoted and stands where a model begins a thought; all other
 * text passes as it came, and an answer that has a tag in any other place talks about tags, so none of it is read from there.
 * Only a possible pair is held back, up to `longestThought`. A thought that also comes in a field of its own is dropped.
 */
export const takeThoughts: Stage<Delta, Delta> = deltaStage((emit) => {
  const own = createOwnReasoning();
  let reading: Reading | undefined;

  function settle(): void {
    if (reading) release(reading);
  }

  return {
    text(delta) {
      if (delta.text === '') return emit(delta);
      if (reading?.template.key !== delta.key) {
        settle();
        reading = createReading(delta, emit, own);
      }
      reading.template = delta;
      pushText(reading, delta);
    },
    reasoning(delta) {
      own.push(delta.text);
      emit(delta);
    },
    tool(delta) {
      settle();
      reading = undefined;
      own.forget();
      emit(delta);
    },
    blockEnd(delta) {
      if (delta.key === reading?.template.key) {
        settle();
        reading = undefined;
      }
      emit(delta);
    },
    flush: settle,
    breakOff: settle,
  };
});

function createReading(template: TextDelta, emit: (delta: Delta) => void, own: OwnReasoning): Reading {
  const quotation = trackQuotation();
  return { template, before: '', passed: [], quotation, tail: '', thought: undefined, isTalk: false, emit, own };
}

function pushText(reading: Reading, delta: TextDelta): void {
  const { thought, tail } = reading;
  if (thought) return readThought(reading, thought, delta.text);
  if (reading.isTalk || (tail === '' && !firstOfTag.test(delta.text))) {
    if (!reading.isTalk) reading.passed.push(delta.text);
    return reading.emit(delta);
  }
  reading.tail = '';
  readText(reading, tail + delta.text);
}

function pass(reading: Reading, text: string): void {
  if (text === '') return;
  if (!reading.isTalk) reading.passed.push(text);
  reading.emit({ ...reading.template, text });
}

/** Passes `text` and all that follows on as it comes. */
function leave(reading: Reading, text: string): void {
  reading.isTalk = true;
  reading.thought = undefined;
  pass(reading, text);
}

function readText(reading: Reading, text: string): void {
  const found = findTag(text, tags);
  if (!found) {
    const kept = partialTagLength(text, tags);
    pass(reading, text.slice(0, text.length - kept));
    reading.tail = text.slice(text.length - kept);
    return;
  }
  pass(reading, text.slice(0, found.index));
  const rest = text.slice(found.index);
  const pair = tagPairs.find(({ open }) => open === found.tag);
  if (!pair || readQuotation(reading) || !beginsThought(reading.before)) return leave(reading, rest);
  reading.own.mark();
  reading.thought = { pair, inner: '', tail: '', quotation: trackQuotation(), after: undefined };
  readThought(reading, reading.thought, rest.slice(pair.open.length));
}

/** Reads what was passed on, up to here. Returns whether a quotation is open. */
function readQuotation(reading: Reading): boolean {
  const text = reading.passed.join('');
  reading.passed = [];
  reading.before = (reading.before + text).slice(-longestBefore);
  reading.quotation.push(text);
  return reading.quotation.isOpen();
}

function readThought(reading: Reading, thought: Thought, more: string): void {
  let text = thought.tail + more;
  thought.tail = '';
  while (thought.after === undefined) {
    const found = firstOfTag.test(text) ? findTag(text, tags) : undefined;
    const clear = found ? found.index : text.length - partialTagLength(text, tags);
    add(thought, text.slice(0, clear));
    text = text.slice(clear);
    if (!found) {
      thought.tail = text;
      if (thought.inner.length > longestThought) leave(reading, written(thought));
      return;
    }
    const isInside = thought.quotation.isOpen();
    // Another tag inside: a text about tags, or one whose thoughts can't be told apart.
    if (!isInside && found.tag !== thought.pair.close) return leave(reading, written(thought) + text);
    if (isInside) add(thought, found.tag);
    else thought.after = '';
    text = text.slice(found.tag.length);
  }
  thought.after += text;
  if (isDecided(thought.after)) close(reading, thought, thought.after);
}

function add(thought: Thought, text: string): void {
  thought.inner += text;
  thought.quotation.push(text);
}

function close(reading: Reading, thought: Thought, after: string): void {
  const { before, own, emit, template } = reading;
  if (!endsThought(before, thought.inner, after)) return leave(reading, written(thought));
  reading.thought = undefined;
  const inner = thought.inner.startsWith('\n') ? thought.inner.slice(1).replace(/\n$/, '') : thought.inner;
  if (inner.trim() !== '' && !own.has(inner.trim())) {
    const key = `${template.key}:thought`;
    emit({ type: 'reasoning-delta', key, text: inner });
    emit({ type: 'block-end', key });
  }
  readText(reading, joined(before, after));
}

/** The text is over: what is held is as complete as it will be. */
function release(reading: Reading): void {
  const { thought, tail } = reading;
  reading.tail = '';
  if (thought?.after !== undefined) close(reading, thought, thought.after);
  else if (thought) leave(reading, written(thought));
  else pass(reading, tail);
  if (reading.thought || reading.tail !== '') release(reading);
}

/** A pair as it came. */
function written({ pair, inner, tail, after }: Thought): string {
  return pair.open + inner + (after === undefined ? tail : pair.close + after);
}

type OwnReasoning = ReturnType<typeof createOwnReasoning>;

/** The reasoning that came in a field of its own, since the last call. */
function createOwnReasoning() {
  let pieces: string[] = [];
  let marked = 0;
  return {
    push: (text: string) => void pieces.push(text),
    mark: () => void (marked = pieces.length),
    forget() {
      pieces = [];
      marked = 0;
    },
    /** Whether `thought` is in it, or since `mark` its beginning: the rest comes a little later. */
    has(thought: string): boolean {
      const late = pieces.slice(marked).join('').trim();
      return pieces.join('').includes(thought) || (late !== '' && thought.startsWith(late));
    },
  };
}
