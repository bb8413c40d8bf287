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
 * A provider's stream of chat.completion.chunk frames. It reads what providers really send (providers.md, "Design
 * consequences"): reasoning and usage in any of their places, tool calls with or without index, errors inside a 200. After
 * an error or `[DONE]` nothing more is read. A stream without either end emits neither finish nor done.
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
        new GatewayError('protocol', `The provider sent something that is not a chunk of an answer: ${quote(text)}`),
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
    // Some end with the whole message once more, or send nothing else.
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

/** Further choices (`n` > 1) only go through a relay. */
export function firstChoice({ choices }: wire.Chunk): wire.Choice | undefined {
  return choices?.find((choice) => choice !== null && (choice.index ?? 0) === 0) ?? undefined;
}

/** Chunks whose blank line between was lost arrive as one frame of several lines (zai-org/GLM-5#66). JSON has no raw newline. */
function separate(data: string): string[] {
  if (!data.includes('\n') || parseJson(data) !== undefined) return [data];
  const lines = data.split('\n').filter((line) => line.trim() !== '');
  return lines.every((line) => line.trim() === '[DONE]' || parseJson(line) !== undefined) ? lines : [data];
}
