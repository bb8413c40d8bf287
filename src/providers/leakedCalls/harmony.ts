import type { Delta } from '../../canonical/events.ts';
import { isObject, parseJson } from '../../canonical/json.ts';
import type { Tool } from '../../canonical/request.ts';
import type { Stage } from '../../canonical/stage.ts';
import { findTag, partialTagLength } from '../../reasoning/tags.ts';
import { describeRescue } from './rescueCalls.ts';
import { trackQuotation, type Quotation } from '../../reasoning/quotation.ts';

type Prose = Extract<Delta, { type: 'text-delta' | 'reasoning-delta' }>;

/** A message's header: channel, and whom it is for. (OpenAI's "harmony response format".) */
const header =
  /^(?:<\|start\|>assistant)?\s*(?:to=([\w.-]+)\s*)?<\|channel\|>\s*(analysis|commentary|final)(?:\s+to=([\w.-]+))?\s*(?:<\|constrain\|>\s*)?(?:json\s*)?<\|message\|>/;
const start = '<|start|>assistant';
/** What a header may begin with at the beginning of a text, or after the end of another message. */
const starts = [start, '<|channel|>', 'to=functions.'];
/** The same after other text. */
const later = [start];
const beginning = /^\s*(?=<\|(?:start|channel)\|>|to=functions\.)/;
const enders = ['<|end|>', '<|call|>', '<|return|>'];
const ends = [...enders, start];
const longestHeader = 200;

/** The message that is being read: its channel decides what its text is. */
type Open =
  | { kind: 'prose'; type: Prose['type']; key: string }
  | { kind: 'call'; name: string; header: string; text: string };

type Reading = {
  /** Names of the declared tools. */
  declared: ReadonlySet<string>;
  emit: (delta: Delta) => void;
  note: (message: string) => void;
  open: Open | undefined;
  held: string;
  /** The block that is being read. */
  template: Prose | undefined;
  /** Whether only white space of it has arrived, so that a channel may begin without a start. */
  isFirst: boolean;
  quotation: Quotation;
  count: number;
};

/**
 * Reads harmony channels that a server left in the text or the reasoning of gpt-oss (mlxcel#658, Rapid-MLX#480): `analysis` is
 * thinking, `final` the answer, `commentary to=functions.NAME` a call if that tool is declared and its arguments are a JSON
 * object. It acts only on whole headers, at the beginning of a text or after the end of another message: text about them stays
 * text. `note` takes a sentence about a call that it made.
 */
export function readHarmony(tools: readonly Tool[], note: (message: string) => void): Stage<Delta, Delta> {
  const declared = new Set(tools.flatMap((tool) => (tool.kind === 'hosted' ? [] : [tool.name])));
  return (emit) => {
    const reading: Reading = {
      declared,
      emit,
      note,
      open: undefined,
      held: '',
      template: undefined,
      isFirst: true,
      quotation: trackQuotation(),
      count: 0,
    };
    return {
      push(delta) {
        if (delta.type === 'text-delta' || delta.type === 'reasoning-delta') return pushProse(reading, delta);
        if (!isBeside(delta)) release(reading);
        emit(delta);
      },
      end: () => release(reading),
    };
  };
}

function pushProse(reading: Reading, delta: Prose): void {
  const { template } = reading;
  // Beside each piece of one kind, chat providers send an empty one of the other.
  if (delta.text === '') return reading.emit(delta);
  if (template && (template.key !== delta.key || template.type !== delta.type)) {
    release(reading);
    reading.isFirst = true;
  }
  reading.template = delta;
  if (!reading.isFirst && !reading.open && reading.held === '' && !mayStart(delta.text)) return passText(reading, delta.text); // prettier-ignore
  reading.held += delta.text;
  while (reading.held !== '' && step(reading));
}

/** Whether a start may begin in a piece of text. */
function mayStart(text: string): boolean {
  return text.endsWith('<') || text.includes('<|');
}

/** Reads one piece of what is held; false when more must come first. */
function step(reading: Reading): boolean {
  const { open, held, isFirst } = reading;
  if (open) return stepInside(reading, open);
  const begin = isFirst ? beginning.exec(held) : undefined;
  const at = begin ? begin[0].length : held.indexOf(start);
  if (at < 0) {
    const isBlank = isFirst && held.trim().length < longestHeader;
    return take(reading, held.length - partialTagLength(held, isBlank && isAtStart(held) ? starts : later));
  }
  if (at > 0 && !begin) return take(reading, at);
  if (reading.quotation.isOpen()) return take(reading, at + 1);
  const rest = held.slice(at);
  const match = header.exec(rest);
  if (!match) {
    // A header that is not whole yet, or none.
    return rest.length < longestHeader && !rest.includes('<|message|>') ? false : take(reading, at + 1);
  }
  reading.held = rest.slice(match[0].length);
  beginMessage(reading, match);
  return true;
}

/** Whether what is held may be the beginning of a start, and nothing else. */
function isAtStart(held: string): boolean {
  const begun = held.trimStart();
  return starts.some((each) => each.startsWith(begun));
}

function beginMessage(reading: Reading, [text, before, channel, after]: RegExpExecArray): void {
  reading.isFirst = false;
  const name = (before ?? after)?.replace(/^functions\./, '');
  if (name !== undefined && channel !== 'final') {
    reading.open = { kind: 'call', name, header: text, text: '' };
    return;
  }
  const type = channel === 'analysis' ? 'reasoning-delta' : 'text-delta';
  const { template } = reading;
  reading.open = { kind: 'prose', type, key: template?.type === type ? template.key : `harmony-${reading.count++}` };
}

function stepInside(reading: Reading, message: Open): boolean {
  const { held } = reading;
  const end = findTag(held, ends);
  const clear = end ? end.index : held.length - partialTagLength(held, ends);
  add(reading, message, held.slice(0, clear));
  reading.held = held.slice(clear);
  if (!end) return false;
  const ending = end.tag === start ? '' : end.tag;
  reading.held = reading.held.slice(ending.length);
  close(reading, message, ending);
  // After an end another channel may begin without a start.
  reading.isFirst = true;
  return true;
}

function add({ template, emit }: Reading, message: Open, text: string): void {
  if (text === '') return;
  if (message.kind === 'call') message.text += text;
  else if (template?.type === message.type) emit({ ...template, text });
  else emit({ type: message.type, key: message.key, text });
}

function close(reading: Reading, message: Open, ending = ''): void {
  const { declared, emit, note, template } = reading;
  reading.open = undefined;
  if (message.kind === 'prose') {
    if (message.key !== template?.key) emit({ type: 'block-end', key: message.key });
    return;
  }
  if (!declared.has(message.name) || !isObject(parseJson(message.text)))
    return passText(reading, message.header + message.text + ending);
  const key = `harmony-${reading.count++}`;
  note(describeRescue(message.name));
  emit({ type: 'tool-delta', key, name: message.name, text: message.text.trim() });
  emit({ type: 'block-end', key });
}

/** Passes the first `length` characters on as they came. */
function take(reading: Reading, length: number): boolean {
  if (length === 0) return false;
  const text = reading.held.slice(0, length);
  reading.held = reading.held.slice(length);
  if (text.trim() !== '') reading.isFirst = false;
  passText(reading, text);
  return reading.held !== '';
}

function passText({ quotation, template, emit }: Reading, text: string): void {
  quotation.push(text);
  if (template) emit({ ...template, text });
}

/** Something else comes, or the end: what is held is as whole as it will be. */
function release(reading: Reading): void {
  const { open, held } = reading;
  if (open) {
    add(reading, open, held);
    close(reading, open);
  } else if (held !== '') passText(reading, held);
  reading.held = '';
}

/** What comes between two pieces of a text without ending it. */
function isBeside({ type }: Delta): boolean {
  return type === 'usage' || type === 'start' || type === 'logprobs';
}
