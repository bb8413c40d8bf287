import { deltaStage } from '../canonical/deltaStage.ts';
import type { DeltaOf } from '../canonical/events.ts';
import { isObject, parseJson } from '../canonical/json.ts';
import { partialTagLength } from '../reasoning/tags.ts';

/** Kimi-K2, docs/tool_call_guidance.md, "Manually parsing tool calls". */
const sectionBegin = '<|tool_calls_section_begin|>';
const sectionEnd = '<|tool_calls_section_end|>';
const callPattern =
  /<\|tool_call_begin\|>\s*((?:functions\.)?([\w.-]+):\d+)\s*<\|tool_call_argument_begin\|>([\s\S]*?)<\|tool_call_end\|>/g;

type Prose = DeltaOf<'text-delta'> | DeltaOf<'reasoning-delta'>;

/**
 * Takes tool calls that a host left in the text, or in the reasoning, as the model's own tokens out of it (llxprt-code#749,
 * hermes-agent#24534), and makes calls of them; where the calls came in their own field too, the tokens just go. What is no
 * whole call stays text. Holds nothing but what may be the first token, and what stands behind it.
 */
export const rescueCalls = deltaStage((emit) => {
  /** What is held back of each block. */
  const held = new Map<string, Prose>();
  let native = false;
  let rescued = 0;

  function push(delta: Prose): void {
    const before = held.get(delta.key);
    if (before && before.type !== delta.type) release(delta.key);
    const text = (held.get(delta.key)?.text ?? '') + delta.text;
    held.delete(delta.key);
    read({ ...delta, text });
  }

  function read(delta: Prose): void {
    const { text } = delta;
    const begin = text.indexOf(sectionBegin);
    const clear = begin === -1 ? text.length - partialTagLength(text, [sectionBegin]) : begin;
    if (clear > 0 || text === '') emit({ ...delta, text: text.slice(0, clear) });
    if (clear === text.length) return;
    const rest = { ...delta, text: text.slice(clear) };
    const end = rest.text.indexOf(sectionEnd);
    if (begin === -1 || end === -1) {
      held.set(delta.key, rest);
      return;
    }
    settle({ ...rest, text: rest.text.slice(0, end + sectionEnd.length) });
    const behind = rest.text.slice(end + sectionEnd.length);
    if (behind !== '') read({ ...delta, text: behind });
  }

  function settle(section: Prose): void {
    const calls = [...section.text.matchAll(callPattern)].filter(([, , , input = '']) => isObject(parseJson(input)));
    if (calls.length === 0) return emit(section);
    if (native) return;
    for (const [, id = '', name = '', input = ''] of calls) {
      const key = `rescued-${rescued++}`;
      emit({ type: 'tool-delta', key, id, name, text: input.trim() });
      emit({ type: 'block-end', key });
    }
  }

  /** The block is over: a section without its end token may still have whole calls. */
  function release(key: string): void {
    const rest = held.get(key);
    if (!rest) return;
    held.delete(key);
    settle(rest);
  }

  function releaseAll(): void {
    for (const key of held.keys()) release(key);
  }

  return {
    text: push,
    reasoning: push,
    tool(delta) {
      native = true;
      emit(delta);
    },
    blockEnd(delta) {
      release(delta.key);
      emit(delta);
    },
    flush: releaseAll,
    // The call may not have been all of it.
    breakOff() {
      for (const rest of held.values()) emit(rest);
      held.clear();
    },
    finish: (delta) => (rescued > 0 && delta.reason === 'stop' ? { ...delta, reason: 'tool-calls' } : delta),
  };
});
