import { isObject } from '../../canonical/json.ts';
import type { Delta } from '../../canonical/events.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import { createAnnotationReader } from './annotations.ts';
import { createThoughtTagFilter, readSignature, signedThought } from './extraContent.ts';
import { looseWords } from '../loose.ts';
import { explainRefusal } from '../refusalReasons.ts';
import { readFinish } from './finishReason.ts';
import { readLogprobs } from './logprobs.ts';
import { createMediaReader, type MediaReader } from './media.ts';
import { createDetailsMerger } from './reasoningDetails.ts';
import { createToolCallAssembler } from './toolCallAssembler.ts';
import type { Answer, Chunk } from './readChunk.ts';

/** Block keys. */
const keys = { reasoning: 'reasoning', text: 'text', refusal: 'refusal' } as const;

export type AnswerReader = {
  /** Reads the `delta` of a stream or the `message` of a whole reply. */
  push(answer: Answer): void;
  /** Reads of a whole message what the deltas of its stream lacked. */
  complete(message: Answer): void;
  /** Reads what a chunk or a reply has beside its message. Comes before `push`, since probabilities precede their text. */
  pushBeside(chunk: Chunk, logprobs: unknown): void;
  /** Reads the finish reason. False if it stands for an error, which has been emitted. */
  finish(raw: string): boolean;
  /** Emits what was held back until the end. */
  flush(): void;
  /** Emits what may still come after the finish reason: citations, and sounds. */
  close(): void;
  /** Whether anything was emitted. */
  any(): boolean;
};

/** Reads the deltas of a stream and the message of a whole reply, so that both are read with the same leniency. */
export function createAnswerReader(emit: (delta: Delta) => void): AnswerReader {
  const content = createContentEmitter(emit);
  const tools = createToolCallAssembler(emit, content.leaveReasoning, content.sign);
  const annotations = createAnnotationReader(emit, keys.text);
  const media = createMediaReader(emit);
  const pushContent = createPartReader(emit, content, annotations, media);

  /** @returns whether there was any text. */
  function pushReasoningFields(answer: Answer): boolean {
    const added = answer.reasoning_details ? content.addDetails(answer.reasoning_details) : '';
    // Providers send the same text in several fields: only the first nonempty one is read.
    const text = answer.reasoning_content || answer.reasoning || added;
    content.pushReasoning(text);
    return text !== '';
  }

  function push(answer: Answer): void {
    const reasoned = pushReasoningFields(answer);
    pushContent(answer, reasoned);
    content.keepOwnSignature(readSignature(answer.extra_content));
    content.pushText('refusal-delta', answer.refusal ?? '');
    if (answer.annotations || answer.executed_tools) annotations.push(answer);
    if ((answer.images || answer.audio) && media.push(answer)) content.pushedMedia();
    if (answer.tool_calls) tools.push(answer.tool_calls);
    // Some gateways write a call in both forms.
    if (answer.function_call && !answer.tool_calls?.length) tools.pushLegacy(answer.function_call);
  }

  return {
    push,
    complete(message) {
      const { text, reasoning } = content.said();
      push(missingOf(message, { text, reasoning, calls: tools.any() }));
    },
    pushBeside(chunk, logprobs) {
      annotations.pushFields(chunk);
      if (logprobs) readLogprobs(logprobs, keys, emit);
    },
    finish(raw) {
      const ending = readFinish(raw, { content: content.anyText(), calls: tools.any() });
      if ('error' in ending) {
        emit({ type: 'error', error: ending.error });
        return false;
      }
      if (ending.reason === 'content-filter' && !content.anyText())
        content.pushText('refusal-delta', explainRefusal(raw));
      content.flush();
      emit({ type: 'finish', reason: ending.reason, raw });
      return true;
    },
    flush: content.flush,
    close() {
      media.flush();
      annotations.flush();
    },
    any: content.any,
  };
}

type ContentEmitter = ReturnType<typeof createContentEmitter>;
type AnnotationReader = ReturnType<typeof createAnnotationReader>;

/** Reads `content`: text, or a list of parts. `reasoned`: another field had the reasoning already, which it would only repeat. */
function createPartReader(
  emit: (delta: Delta) => void,
  content: ContentEmitter,
  annotations: AnnotationReader,
  media: MediaReader,
) {
  const thoughtOf = createThoughtTagFilter();

  function pushContent({ content: given, extra_content: extra }: Answer, reasoned: boolean): void {
    const value = contentOf(given);
    if (typeof value === 'string' && extra?.google?.thought === true)
      return reasoned ? undefined : content.pushReasoning(thoughtOf(value));
    if (typeof value === 'string') return content.pushText('text-delta', value);
    if (!Array.isArray(value)) return;
    for (const part of value as unknown[]) {
      if (typeof part === 'string') content.pushText('text-delta', part);
      if (!isObject(part)) continue;
      if (part['type'] === 'thinking' && !reasoned) content.pushReasoning(thinkingText(part['thinking']));
      else if (part['type'] === 'refusal') content.pushText('refusal-delta', textOf(part['refusal']));
      else if (part['type'] !== 'thinking') pushPart(part);
    }
  }

  /** A part of a type that is not known is passed on as it is, so that an answer of it is not taken for an empty one. */
  function pushPart(part: JsonObject): void {
    const text = textOf(part['text']);
    if (text !== '' || part['type'] === 'text') return content.pushText('text-delta', text);
    if (part['type'] === 'reference' || part['type'] === 'tool_reference') return annotations.pushPart(part);
    if (media.pushImage(part)) return content.pushedMedia();
    if (typeof part['type'] === 'string' && part['type'] !== 'image_url')
      emit({ type: 'native', key: 'part', dialect: 'openai-chat', json: part });
  }

  return pushContent;
}

/** The fields of a message without those that its stream had. */
function missingOf(message: Answer, said: { text: boolean; reasoning: boolean; calls: boolean }): Answer {
  const absent = { annotations: undefined, executed_tools: undefined, audio: undefined };
  return {
    ...message,
    ...((said.text || said.reasoning || said.calls) && absent),
    ...((said.text || said.reasoning) && withoutReasoning),
    ...(said.text && { content: undefined, refusal: undefined }),
    ...(said.calls && { tool_calls: undefined, function_call: undefined }),
  };
}

const withoutReasoning = { reasoning: undefined, reasoning_content: undefined, reasoning_details: undefined };

/** Emits text, refusals and reasoning, and ends reasoning with its proof before anything else follows. */
function createContentEmitter(emit: (delta: Delta) => void) {
  const details = createDetailsMerger();
  let reasoning: 'none' | 'open' | 'left' = 'none';
  /** The message's own signature. Only at the end is it certain that no call follows to which it belongs. */
  let ownSignature: string | undefined;
  let any = false;
  let anyText = false;
  const said = { text: false, reasoning: false };

  /** Other content follows, so the reasoning is complete. Details that arrive after this are emitted at the end. */
  function leaveReasoning(): void {
    any = true;
    if (reasoning !== 'left') endReasoning();
    reasoning = 'left';
  }

  function endReasoning(): void {
    const merged = details.take();
    if (merged.length > 0) endReasoningWith({ type: 'details', details: merged });
  }

  /** Ends the reasoning with its proof. If there is no text, the proof gets a block of its own. */
  function endReasoningWith(proof: Proof | undefined): void {
    if (reasoning !== 'open') emit({ type: 'reasoning-delta', key: keys.reasoning, text: '' });
    emit({ type: 'block-end', key: keys.reasoning, proof });
    reasoning = 'left';
  }

  function sign(signature: string, call: number | undefined): void {
    any = true;
    endReasoningWith(signedThought(signature, call).proof);
  }

  return {
    leaveReasoning,
    sign,
    addDetails: details.add,
    any: () => any,
    anyText: () => anyText,
    said: () => said,
    keepOwnSignature(signature: string | undefined): void {
      ownSignature = signature ?? ownSignature;
    },
    pushReasoning(text: string): void {
      if (text === '') return;
      reasoning = 'open';
      any = true;
      anyText = true;
      said.reasoning = true;
      emit({ type: 'reasoning-delta', key: keys.reasoning, text });
    },
    pushText(type: 'text-delta' | 'refusal-delta', text: string): void {
      if (text === '') return;
      leaveReasoning();
      anyText = true;
      said.text = true;
      emit({ type, key: type === 'text-delta' ? keys.text : keys.refusal, text });
    },
    pushedMedia(): void {
      leaveReasoning();
      anyText = true;
    },
    flush(): void {
      endReasoning();
      if (ownSignature !== undefined) sign(ownSignature, undefined);
      ownSignature = undefined;
    },
  };
}

/** Mistral sends a list of text parts, or a string. */
function thinkingText(thinking: unknown): string {
  if (!Array.isArray(thinking)) return textOf(thinking);
  return thinking.map((part: unknown) => (isObject(part) ? textOf(part['text']) : textOf(part))).join('');
}

function textOf(value: unknown): string {
  return looseWords(value) ?? '';
}

/** Content that is neither text nor a list of parts: an object around a text, or an answer in JSON that was decoded. */
function contentOf(content: unknown): unknown {
  if (typeof content === 'number') return String(content);
  return isObject(content) ? (looseWords(content) ?? JSON.stringify(content)) : content;
}
