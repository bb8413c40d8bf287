import { isObject } from '../../canonical/json.ts';
import type { Delta } from '../../canonical/events.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import { createThoughtTagFilter, readSignature, signedThought } from './extraContent.ts';
import { readFinish } from './finishReason.ts';
import { createDetailsMerger } from './reasoningDetails.ts';
import { createToolCallAssembler } from './toolCallAssembler.ts';
import type { Answer } from './wire.ts';

/** Keys of the prose blocks. */
const keys = { reasoning: 'reasoning', text: 'text', refusal: 'refusal' } as const;

export type AnswerReader = {
  /** A stream's `delta`, or the `message` of a whole reply. */
  push(answer: Answer): void;
  /** False when the finish reason was an error, which it has emitted. */
  finish(raw: string): boolean;
  /** Emits what waits for the end. */
  flush(): void;
  /** Whether anything was emitted. */
  any(): boolean;
};

/** What both a stream's deltas and a whole message become, in one place, so that both are read with the same leniency. */
export function createAnswerReader(emit: (delta: Delta) => void): AnswerReader {
  const details = createDetailsMerger();
  const tools = createToolCallAssembler(emit, leaveReasoning, sign);
  const thoughtOf = createThoughtTagFilter();
  /** The signature of the message itself, which is known to be that only at the end. */
  let ownSignature: string | undefined;
  let reasoning: 'none' | 'open' | 'left' = 'none';
  let any = false;
  let content = false;
  let finished = false;

  function reason(text: string): void {
    if (text === '') return;
    reasoning = 'open';
    any = true;
    content = true;
    emit({ type: 'reasoning-delta', key: keys.reasoning, text });
  }

  function say(type: 'text-delta' | 'refusal-delta', text: string): void {
    if (text === '') return;
    leaveReasoning();
    content = true;
    emit({ type, key: type === 'text-delta' ? keys.text : keys.refusal, text });
  }

  /** Something else comes: the reasoning before it is complete, with its proof. Entries that come later wait for the end. */
  function leaveReasoning(): void {
    any = true;
    if (reasoning !== 'left') endReasoning();
    reasoning = 'left';
  }

  function endReasoning(): void {
    const merged = details.take();
    if (merged.length > 0) prove({ type: 'details', details: merged });
  }

  /** Ends the reasoning with its proof; where there is no text to carry that, in a block of its own. */
  function prove(proof: Proof | undefined): void {
    if (reasoning !== 'open') emit({ type: 'reasoning-delta', key: keys.reasoning, text: '' });
    emit({ type: 'block-end', key: keys.reasoning, proof });
    reasoning = 'left';
  }

  function sign(signature: string, call: number | undefined): void {
    any = true;
    prove(signedThought(signature, call).proof);
  }

  function signMessage(): void {
    if (ownSignature !== undefined) sign(ownSignature, undefined);
    ownSignature = undefined;
  }

  function pushReasoning(answer: Answer): boolean {
    const fragments = (answer.reasoning_details ?? []).filter((each): each is JsonObject => each !== null);
    const added = details.add(fragments);
    // Providers mirror one text into several fields: the first that has any counts.
    const text = answer.reasoning_content || answer.reasoning || added;
    reason(text);
    return text !== '';
  }

  function pushContent({ content: value, extra_content: extra }: Answer, reasoned: boolean): void {
    if (typeof value === 'string' && extra?.google?.thought === true)
      return reasoned ? undefined : reason(thoughtOf(value));
    if (typeof value === 'string') return say('text-delta', value);
    if (!Array.isArray(value)) return;
    for (const part of value as unknown[]) {
      if (typeof part === 'string') say('text-delta', part);
      if (!isObject(part)) continue;
      if (part['type'] === 'thinking' && !reasoned) reason(thinkingText(part['thinking']));
      else if (part['type'] === 'refusal') say('refusal-delta', textOf(part['refusal']));
      else if (part['type'] !== 'thinking') say('text-delta', textOf(part['text']));
    }
  }

  return {
    push(answer) {
      const reasoned = pushReasoning(answer);
      pushContent(answer, reasoned);
      ownSignature = readSignature(answer.extra_content) ?? ownSignature;
      say('refusal-delta', answer.refusal ?? '');
      tools.push((answer.tool_calls ?? []).filter((each) => each !== null));
      if (answer.function_call) tools.pushLegacy(answer.function_call);
    },
    finish(raw) {
      if (finished) return true;
      finished = true;
      const ending = readFinish(raw, { content, calls: tools.any() });
      if ('error' in ending) {
        emit({ type: 'error', error: ending.error });
        return false;
      }
      endReasoning();
      signMessage();
      emit({ type: 'finish', reason: ending.reason, raw });
      return true;
    },
    flush() {
      endReasoning();
      signMessage();
    },
    any: () => any,
  };
}

/** Mistral's: a list of text parts, or text. */
function thinkingText(thinking: unknown): string {
  if (!Array.isArray(thinking)) return textOf(thinking);
  return thinking.map((part: unknown) => (isObject(part) ? textOf(part['text']) : textOf(part))).join('');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
