import type { Delta } from '../../canonical/events.ts';
import type { JsonObject, Tool } from '../../canonical/request.ts';
import type { Stage } from '../../canonical/stage.ts';
import { findTag, partialTagLength } from '../../reasoning/tags.ts';
import { markupGrammars } from './grammars.ts';
import type { MarkupCall, MarkupGrammar, SchemaOf } from './markupCalls.ts';
import { endOfSection, tailOf } from './sectionEnd.ts';
import { trackQuotation, type Quotation } from '../../reasoning/quotation.ts';

type Prose = Extract<Delta, { type: 'text-delta' | 'reasoning-delta' }>;

/** One block of prose. `held` begins with an opener, that of `grammar`, or with what may become one. */
type Block = {
  type: Prose['type'];
  key: string;
  held: Prose | undefined;
  grammar: MarkupGrammar | undefined;
  /** How much of `held` was searched for the end of its section. */
  searched: number;
  tail: string;
  quotation: Quotation;
  hasCalls: boolean;
  /** An opener was let through as text, so an end may belong to it. */
  hasOpeners: boolean;
};

/** A call, and the kind of prose that it was taken from. */
type TakenCall = { type: Prose['type']; call: MarkupCall };

type Rescue = {
  schemas: ReadonlyMap<string, JsonObject>;
  schemaOf: SchemaOf;
  emit: (delta: Delta) => void;
  note: (message: string) => void;
  blocks: Block[];
  /** Calls that were taken out of the prose. They wait for the end: the same ones may yet come in their own field. */
  taken: TakenCall[];
  /** Calls that stand in the thinking in markup that may be meant as an example. */
  thought: MarkupCall[];
  hasOwnCalls: boolean;
  hasText: boolean;
  count: number;
};

/** A longer section is text. Characters. */
const maxSection = 1024 * 1024;
/** By then it must be clear that a section is one of calls; more ends than that belong to none. Characters. */
const [longestBeginning, longestStray] = [200, 2000];

const openers = markupGrammars.flatMap((grammar) => grammar.openers);
/** Every text in which an opener begins. */
const mayBegin = /[<[\]]|f(?:u(?:n(?:c(?:t(?:o(?:o(?:l(?:s)?)?)?)?)?)?)?)?$/;

/**
 * Takes tool calls that a server left in the text as the model's own markup out of it and makes calls of them; where the
 * reply has calls in their proper field too, the markup is dropped. It acts only on a section whose calls are all whole and
 * of declared tools; everything else passes as it came, quoted code too. Only what may be markup is held back. Calls in the
 * thinking that could be an example count only where neither text nor a call follows. `note` takes a sentence about it.
 */
export function rescueCalls(tools: readonly Tool[], note: (message: string) => void): Stage<Delta, Delta> {
  const schemas = new Map<string, JsonObject>();
  for (const tool of tools) if (tool.kind === 'function') schemas.set(tool.name, tool.parameters);
  const schemaOf: SchemaOf = (name) => schemas.get(name);
  return (emit) => {
    const rescue: Rescue = {
      schemas,
      schemaOf,
      emit,
      note,
      blocks: [],
      taken: [],
      thought: [],
      hasOwnCalls: false,
      hasText: false,
      count: 0,
    };
    return {
      push: (delta) => pushDelta(rescue, delta),
      end: () => settleAll(rescue),
    };
  };
}

function pushDelta(rescue: Rescue, delta: Delta): void {
  switch (delta.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return pushProse(rescue, delta);
    case 'tool-delta':
      rescue.hasOwnCalls = true;
      return rescue.emit(delta);
    case 'block-end':
      endBlocks(rescue, delta.key);
      return rescue.emit(delta);
    case 'finish':
    case 'done':
      return finish(rescue, delta);
    case 'error':
      // The call may not be all of it.
      for (const { held } of rescue.blocks) if (held) rescue.emit(held);
      rescue.blocks = [];
      return rescue.emit(delta);
    case 'start':
    case 'refusal-delta':
    case 'native':
    case 'media':
    case 'logprobs':
    case 'usage':
      return rescue.emit(delta);
    default:
      return delta satisfies never;
  }
}

function pushProse(rescue: Rescue, delta: Prose): void {
  const block = blockOf(rescue, delta);
  if (!block.held) {
    // A block without text may carry a proof.
    if (delta.text === '') return rescue.emit(delta);
    if (!mayBegin.test(delta.text)) return pass(rescue, block, delta);
    return read(rescue, block, delta);
  }
  const whole = { ...delta, text: block.held.text + delta.text };
  if (block.searched > 0 && block.grammar && !block.grammar.stray && whole.text.length <= maxSection) {
    // To search all of it, its pieces would be joined for each new one.
    const piece = block.tail + delta.text;
    block.tail = tailOf(piece);
    if (endOfSection(piece, block.grammar, 0) === undefined) return void (block.held = whole);
  }
  const left = block.grammar ? readSection(rescue, block, whole, block.grammar) : whole.text;
  if (left !== '') read(rescue, block, { ...whole, text: left });
}

/** The block of `delta`. What is held of earlier prose goes out before it. */
function blockOf(rescue: Rescue, { type, key }: Prose): Block {
  const last = rescue.blocks.at(-1);
  if (last?.type === type && last.key === key) return last;
  for (const block of rescue.blocks) release(rescue, block);
  const known = rescue.blocks.find((block) => block.type === type && block.key === key);
  const block: Block = known ?? {
    type,
    key,
    held: undefined,
    grammar: undefined,
    searched: 0,
    tail: '',
    quotation: trackQuotation(),
    hasCalls: false,
    hasOpeners: false,
  };
  rescue.blocks = [...rescue.blocks.filter((each) => each !== block), block];
  return block;
}

/** Passes text up to the first opener on and reads the section from there, as far as it has arrived. */
function read(rescue: Rescue, block: Block, delta: Prose): void {
  block.held = undefined;
  let rest = delta.text;
  while (rest !== '') {
    const found = findTag(rest, openers);
    const clear = found ? found.index : rest.length - partialTagLength(rest, openers);
    pass(rescue, block, { ...delta, text: rest.slice(0, clear) });
    rest = rest.slice(clear);
    if (!found) break;
    const grammar = block.quotation.isOpen() ? undefined : grammarOf(found.tag);
    if (!grammar) {
      block.hasOpeners = true;
      pass(rescue, block, { ...delta, text: found.tag });
      rest = rest.slice(found.tag.length);
    } else rest = readSection(rescue, block, { ...delta, text: rest }, grammar);
  }
  if (rest !== '') block.held = { ...delta, text: rest };
}

/** Reads the section at the beginning of a text as far as it has arrived. Returns the text that is left after it. */
function readSection(rescue: Rescue, block: Block, section: Prose, grammar: MarkupGrammar): string {
  const { text } = section;
  const isProse = !grammar.stray && text.length > longestBeginning && !block.searched && !grammar.begins.test(text);
  const end = isProse ? undefined : endOfSection(text, grammar, block.held ? block.searched : 0);
  if (end !== undefined) {
    leaveSection(block);
    settle(rescue, block, { ...section, text: text.slice(0, end) }, grammar);
    return text.slice(end);
  }
  const isOther = grammar.stray ? text.length > longestStray || !mayBeStray(text, grammar, block) : isProse;
  if (isOther || text.length > maxSection) {
    leaveSection(block);
    block.hasOpeners ||= !grammar.stray;
    const opener = grammar.openers.find((each) => text.startsWith(each)) ?? '';
    pass(rescue, block, { ...section, text: opener });
    return text.slice(opener.length);
  }
  block.held = section;
  block.grammar = grammar;
  if (text.length > longestBeginning) Object.assign(block, { searched: text.length, tail: tailOf(text) });
  return '';
}

function mayBeStray(
  text: string,
  { leftover, openers: ends, stray }: MarkupGrammar,
  { hasCalls, hasOpeners }: Block,
): boolean {
  if (hasOpeners || (stray?.behindCalls && !hasCalls)) return false;
  return leftover?.test(text.slice(0, text.length - partialTagLength(text, ends))) ?? false;
}

function leaveSection(block: Block): void {
  block.held = undefined;
  block.grammar = undefined;
  block.searched = 0;
}

/** White space between two calls is part of the markup. */
function pass(rescue: Rescue, block: Block, delta: Prose): void {
  if (delta.text === '' || (block.hasCalls && delta.text.trim() === '')) return;
  block.quotation.push(delta.text);
  if (delta.type === 'text-delta' && !rescue.hasText) rescue.hasText = delta.text.trim() !== '';
  rescue.emit(delta);
}

function settle(rescue: Rescue, block: Block, section: Prose, grammar: MarkupGrammar): void {
  if (grammar.leftover?.test(section.text)) return;
  const calls = grammar.read(section.text, rescue.schemaOf);
  if (calls.length === 0 || !calls.every(({ name }) => rescue.schemas.has(name))) {
    block.hasOpeners = true;
    return pass(rescue, block, section);
  }
  if (section.type === 'reasoning-delta' && !grammar.inReasoning) {
    rescue.thought.push(...calls);
    return pass(rescue, block, section);
  }
  block.hasCalls = true;
  rescue.taken.push(...calls.map((call) => ({ type: section.type, call })));
}

/** The block is over: a section that lacks its end may hold whole calls. */
function release(rescue: Rescue, block: Block): void {
  const { held, grammar } = block;
  leaveSection(block);
  if (!held) return;
  if (grammar) settle(rescue, block, held, grammar);
  else pass(rescue, block, held);
}

function endBlocks(rescue: Rescue, key: string): void {
  for (const block of rescue.blocks) if (block.key === key) release(rescue, block);
  rescue.blocks = rescue.blocks.filter((block) => block.key !== key);
}

function settleAll(rescue: Rescue): void {
  for (const block of rescue.blocks) release(rescue, block);
  const { taken, thought, hasOwnCalls, hasText } = rescue;
  const calls = taken.length > 0 || hasText ? callsOf(taken) : thought;
  rescue.taken = [];
  rescue.thought = [];
  if (hasOwnCalls) return;
  for (const call of calls) emitCall(rescue, call);
}

/**
 * The calls that were taken, without those of the text that stand in the thinking, too: a model may write a call there first, and
 * text that was shown as thinking, since a tag may have been missing, comes a second time.
 */
function callsOf(taken: readonly TakenCall[]): MarkupCall[] {
  const repeatable = taken.filter(({ type }) => type === 'reasoning-delta').map(({ call }) => call);
  return taken.flatMap(({ type, call }) => {
    const place = type === 'text-delta' ? repeatable.findIndex((each) => isSame(each, call)) : -1;
    if (place < 0) return [call];
    repeatable.splice(place, 1);
    return [];
  });
}

function isSame(a: MarkupCall, b: MarkupCall): boolean {
  return a.name === b.name && a.input === b.input;
}

function finish(rescue: Rescue, delta: Extract<Delta, { type: 'finish' | 'done' }>): void {
  settleAll(rescue);
  const isCalls = delta.type === 'finish' && delta.reason === 'stop' && rescue.count > 0;
  rescue.emit(isCalls ? { ...delta, reason: 'tool-calls' } : delta);
}

function emitCall(rescue: Rescue, { id, name, input }: MarkupCall): void {
  const key = `rescued-${rescue.count++}`;
  rescue.note(describeRescue(name));
  rescue.emit({ type: 'tool-delta', key, ...(id !== undefined && { id }), name, text: input });
  rescue.emit({ type: 'block-end', key });
}

/** What the user is told of a call that was taken out of the prose. */
export function describeRescue(name: string): string {
  return `A call of ${name} stood in the text as the model’s own markup, and has been read as a call.`;
}

function grammarOf(opener: string): MarkupGrammar | undefined {
  return markupGrammars.find((grammar) => grammar.openers.includes(opener));
}
