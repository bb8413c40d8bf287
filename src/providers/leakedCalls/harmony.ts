import type { Delta } from '../../canonical/events.ts';
import { isObject, parseJson } from '../../canonical/json.ts';
import type { Tool } from '../../canonical/request.ts';
import type { Stage } from '../../canonical/stage.ts';
import { trackQuotation } from './quotation.ts';

type TextDelta = Extract<Delta, { type: 'text-delta' }>;

/** A message's header: channel, and whom it is for. (OpenAI's "harmony response format".) */
const header =
  /^(?:<\|start\|>assistant)?\s*(?:to=([\w.-]+)\s*)?<\|channel\|>\s*(analysis|commentary|final)(?:\s+to=([\w.-]+))?\s*(?:<\|constrain\|>)?\s*(?:json)?\s*<\|message\|>/;
/** What a header may begin with. */
const starts = ['<|start|>assistant', '<|channel|>'];
const enders = ['<|end|>', '<|call|>', '<|return|>'];
const longestHeader = 200;

/** The message that is being read: its channel decides what its text is. */
type Open = { kind: 'text' | 'reasoning'; key: string } | { kind: 'call'; name: string; header: string; text: string };

/**
 * Reads harmony channels that a server left in the text of gpt-oss (mlxcel#658, Rapid-MLX#480): `analysis` is thinking,
 * `final` the answer, `commentary to=functions.NAME` a call if that tool is declared and its arguments are a JSON object.
 * It acts only on whole headers, at the beginning of a text or behind the end of another message: what talks about them
 * stays text.
 */
export function readHarmony(tools: readonly Tool[]): Stage<Delta, Delta> {
  const declared = new Set(tools.flatMap((tool) => (tool.kind === 'hosted' ? [] : [tool.name])));
  return (emit) => {
    let open: Open | undefined;
    let held = '';
    let template: TextDelta | undefined;
    /** Whether nothing but white space has come of the text, so that a channel may begin without a start. */
    let isFirst = true;
    let count = 0;
    const quotation = trackQuotation();

    function push(delta: TextDelta): void {
      if (template && template.key !== delta.key) release();
      template = delta;
      held += delta.text;
      while (held !== '' && step());
    }

    /** Reads one piece of what is held; false when more must come first. */
    function step(): boolean {
      if (open) return stepInside(open);
      const begin = isFirst ? /^\s*(?=<\|(?:start|channel)\|>)/.exec(held) : undefined;
      const at = begin ? begin[0].length : held.indexOf('<|start|>assistant');
      if (at < 0) {
        const waiting = partialLength(held, isFirst && held.trim().length < longestHeader ? starts : [starts[0] ?? '']);
        return take(held.length - waiting);
      }
      if (at > 0 && !begin) return take(at);
      if (quotation.isOpen()) return take(at + 1);
      const match = header.exec(held.slice(at));
      if (match) {
        held = held.slice(at + match[0].length);
        beginMessage(match);
        return true;
      }
      // A header that is not whole yet, or none.
      const rest = held.slice(at);
      if (rest.length < longestHeader && !rest.includes('<|message|>')) return false;
      return take(at + 1);
    }

    function beginMessage([text, before, channel, after]: RegExpExecArray): void {
      isFirst = false;
      const recipient = before ?? after;
      const name = recipient?.replace(/^functions\./, '');
      const key = `harmony-${count++}`;
      if (name !== undefined && channel !== 'final') open = { kind: 'call', name, header: text, text: '' };
      else open = { kind: channel === 'analysis' ? 'reasoning' : 'text', key };
    }

    function stepInside(message: Open): boolean {
      const ends = [...enders, '<|start|>assistant']
        .map((tag) => ({ tag, at: held.indexOf(tag) }))
        .filter(({ at }) => at >= 0)
        .toSorted((a, b) => a.at - b.at);
      const [end] = ends;
      if (!end) {
        const clear = held.length - partialLength(held, [...enders, ...starts]);
        if (clear === 0) return false;
        add(message, held.slice(0, clear));
        held = held.slice(clear);
        return false;
      }
      add(message, held.slice(0, end.at));
      const ending = enders.includes(end.tag) ? end.tag : '';
      held = held.slice(end.at + ending.length);
      close(message, ending);
      // Behind an end another channel may begin without a start.
      isFirst = true;
      return true;
    }

    function add(message: Open, text: string): void {
      if (text === '') return;
      if (message.kind === 'call') message.text += text;
      else if (message.kind === 'reasoning') emit({ type: 'reasoning-delta', key: message.key, text });
      else if (template) emit({ ...template, text });
    }

    function close(message: Open, ending = ''): void {
      open = undefined;
      if (message.kind === 'reasoning') emit({ type: 'block-end', key: message.key });
      if (message.kind !== 'call') return;
      const key = `harmony-${count++}`;
      if (!declared.has(message.name) || !isObject(parseJson(message.text))) {
        pass(message.header + message.text + ending);
        return;
      }
      emit({ type: 'tool-delta', key, name: message.name, text: message.text.trim() });
      emit({ type: 'block-end', key });
    }

    /** Passes the first `length` characters on as text. */
    function take(length: number): boolean {
      if (length === 0) return false;
      const text = held.slice(0, length);
      held = held.slice(length);
      if (text.trim() !== '') isFirst = false;
      pass(text);
      return held !== '';
    }

    function pass(text: string): void {
      quotation.push(text);
      if (template) emit({ ...template, text });
    }

    function release(): void {
      if (open) {
        add(open, held);
        held = '';
        close(open);
      } else take(held.length);
      held = '';
      isFirst = true;
    }

    return {
      push(delta) {
        if (delta.type === 'text-delta') return push(delta);
        if (delta.type !== 'usage' && delta.type !== 'start' && template && (held !== '' || open)) release();
        emit(delta);
      },
      end: release,
    };
  };
}

/** How many characters at the end of `text` may begin one of `tags`. */
function partialLength(text: string, tags: readonly string[]): number {
  const longest = Math.max(...tags.map((tag) => tag.length)) - 1;
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (tags.some((tag) => tag.startsWith(end))) return length;
  }
  return 0;
}
