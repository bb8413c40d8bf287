import { parseJson } from '../../canonical/json.ts';
import { parseEvent, quote } from '../eventJson.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Delta } from '../../canonical/events.ts';
import { readErrorInside } from '../../canonical/providerError.ts';
import type { Sink } from '../../canonical/stage.ts';
import type { SseFrame } from '../../sse.ts';
import type { ReadOptions } from '../dialect.ts';
import { createAnswerReader } from './answerReader.ts';
import { readUsage } from './usage.ts';
import * as wire from './wire.ts';

/**
 * Reads a provider's stream of chat.completion.chunk frames. It is as lenient as real providers require (providers.md, "Design
 * consequences"): reasoning and usage may be in any of several fields, tool calls may lack an index, and errors may arrive in
 * a 200. It ignores everything after an error or `[DONE]`. A truncated stream emits neither finish nor done.
 */
export function streamReader(emit: (delta: Delta) => void, { editJson, errors }: ReadOptions = {}): Sink<SseFrame> {
  const answer = createAnswerReader(emit);
  let started = false;
  let over = false;

  function fail(error: GatewayError): void {
    over = true;
    emit({ type: 'error', error });
  }

  function pushText(text: string, event: string | undefined): void {
    if (text.trim() === '[DONE]') {
      over = true;
      answer.flush();
      emit({ type: 'done' });
      return;
    }
    const json = parseEvent(text, editJson);
    const error = readErrorInside(json ?? text, event, errors);
    if (error) return fail(error);
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      return fail(
        new GatewayError('protocol', `The provider sent a frame that is not a chat completion chunk: ${quote(text)}`),
      );
    }
    pushChunk(wire.readWire(wire.chunk, json));
  }

  function pushChunk(chunk: wire.Chunk): void {
    if (!started) {
      started = true;
      emit({ type: 'start', ...(chunk.id && { id: chunk.id }), ...(chunk.model && { model: chunk.model }) });
    }
    const choice = firstChoice(chunk);
    // Some providers repeat the whole message at the end, or send only that.
    const delta = choice?.delta ?? (answer.any() ? undefined : choice?.message);
    if (delta) answer.push(delta);
    const usage = readUsage(chunk, choice);
    if (usage) emit({ type: 'usage', usage });
    if (choice?.finish_reason && !answer.finish(choice.finish_reason)) over = true;
  }

  return {
    push(frame) {
      if ('comment' in frame || over || (frame.data.trim() === '' && frame.event !== 'error')) return;
      for (const text of separate(frame.data)) if (!over) pushText(text, frame.event);
    },
    end() {},
  };
}

/** Choices after the first (`n` > 1) are supported only in a relay. */
export function firstChoice({ choices }: wire.Chunk): wire.Choice | undefined {
  return choices?.find((choice) => choice !== null && (choice.index ?? 0) === 0) ?? undefined;
}

/** Splits chunks that arrived as one frame because the blank line between them is missing (zai-org/GLM-5#66). */
function separate(data: string): string[] {
  if (!data.includes('\n') || parseJson(data) !== undefined) return [data];
  const lines = data.split('\n').filter((line) => line.trim() !== '');
  return lines.every((line) => line.trim() === '[DONE]' || parseJson(line) !== undefined) ? lines : [data];
}
