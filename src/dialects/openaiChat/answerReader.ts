import { isObject } from '../../canonical/json.ts';
import type { Delta } from '../../canonical/events.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import { createThoughtTagFilter, readSignature, signedThought } from './extraContent.ts';
import { readFinish } from './finishReason.ts';
import { createDetailsMerger } from './reasoningDetails.ts';
import { createToolCallAssembler } from './toolCallAssembler.ts';
import type { Answer } from './wire.ts';

/** Block keys. */
const keys = { reasoning: 'reasoning', text: 'text', refusal: 'refusal' } as const;

export type AnswerReader = {
  /** Reads the `delta` of a stream or the `message` of a whole reply. */
  push(answer: Answer): void;
  /** Reads the finish reason. False if it stands for an error, which has been emitted. */
  finish(raw: string): boolean;
  /** Emits what was held back until the end. */
  flush(): void;
  /** Whether anything was emitted. */
  any(): boolean;
};

/** Reads the deltas of a stream and the message of a whole reply, so that both are read with the same leniency. */
export function createAnswerReader(emit: (delta: Delta) => void): AnswerReader {
  const reasoning = createReasoningEmitter(emit);
  const tools = createToolCallAssembler(emit, leaveReasoning, sign);
  const thoughtOf = createThoughtTagFilter();
  /** The message's own signature. Only at the end is it certain that no call follows to which it belongs. */
  let ownSignature: string | undefined;
  let any = false;
  let content = false;
  let finished = false;

  function pushReasoningText(text: string): void {
    if (text === '') return;
    any = true;
    content = true;
    reasoning.push(text);
  }

  function pushText(type: 'text-delta' | 'refusal-delta', text: string): void {
    if (text === '') return;
    leaveReasoning();
    content = true;
    emit({ type, key: type === 'text-delta' ? keys.text : keys.refusal, text });
  }

  function leaveReasoning(): void {
    any = true;
    reasoning.leave();
  }

  function sign(signature: string, call: number | undefined): void {
    any = true;
    reasoning.endWith(signedThought(signature, call).proof);
  }

  /** @returns whether there was any text. */
  function pushReasoningFields(answer: Answer): boolean {
    const fragments = (answer.reasoning_details ?? []).filter((each): each is JsonObject => each !== null);
    const added = reasoning.addDetails(fragments);
    // Providers send the same text in several fields: only the first nonempty one is read.
    const text = answer.reasoning_content || answer.reasoning || added;
    pushReasoningText(text);
    return text !== '';
  }

  /** `reasoned`: the reasoning in `content` repeats what another field had. */
  function pushContent({ content: value, extra_content: extra }: Answer, reasoned: boolean): void {
    if (typeof value === 'string' && extra?.google?.thought === true)
      return reasoned ? undefined : pushReasoningText(thoughtOf(value));
    if (typeof value === 'string') return pushText('text-delta', value);
    if (!Array.isArray(value)) return;
    for (const part of value as unknown[]) {
      if (typeof part === 'string') pushText('text-delta', part);
      if (!isObject(part)) continue;
      if (part['type'] === 'thinking' && !reasoned) pushReasoningText(thinkingText(part['thinking']));
      else if (part['type'] === 'refusal') pushText('refusal-delta', textOf(part['refusal']));
      else if (part['type'] !== 'thinking') pushText('text-delta', textOf(part['text']));
    }
  }

  function flush(): void {
    reasoning.end();
    if (ownSignature !== undefined) sign(ownSignature, undefined);
    ownSignature = undefined;
  }

  return {
    push(answer) {
      const reasoned = pushReasoningFields(answer);
      pushContent(answer, reasoned);
      ownSignature = readSignature(answer.extra_content) ?? ownSignature;
      pushText('refusal-delta', answer.refusal ?? '');
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
      flush();
      emit({ type: 'finish', reason: ending.reason, raw });
      return true;
    },
    flush,
    any: () => any,
  };
}

/** Emits reasoning, and ends it with its proof before the next kind of content. */
function createReasoningEmitter(emit: (delta: Delta) => void) {
  const details = createDetailsMerger();
  let state: 'none' | 'open' | 'left' = 'none';

  /** Ends the reasoning with its proof. If there is no text, the proof gets a block of its own. */
  function endWith(proof: Proof | undefined): void {
    if (state !== 'open') emit({ type: 'reasoning-delta', key: keys.reasoning, text: '' });
    emit({ type: 'block-end', key: keys.reasoning, proof });
    state = 'left';
  }

  function end(): void {
    const merged = details.take();
    if (merged.length > 0) endWith({ type: 'details', details: merged });
  }

  return {
    addDetails: details.add,
    push(text: string): void {
      state = 'open';
      emit({ type: 'reasoning-delta', key: keys.reasoning, text });
    },
    /** Other content follows, so the reasoning is complete. Details that arrive after this are emitted at the end. */
    leave(): void {
      if (state !== 'left') end();
      state = 'left';
    },
    end,
    endWith,
  };
}

/** Mistral sends a list of text parts, or a string. */
function thinkingText(thinking: unknown): string {
  if (!Array.isArray(thinking)) return textOf(thinking);
  return thinking.map((part: unknown) => (isObject(part) ? textOf(part['text']) : textOf(part))).join('');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
