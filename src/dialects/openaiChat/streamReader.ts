import type { Delta } from '../../canonical/events.ts';
import type { Sink } from '../../canonical/stage.ts';
import type { SseFrame } from '../../sse.ts';
import type { ReadOptions } from '../dialect.ts';
import { isReason } from '../eventJson.ts';
import { createFrameReader } from '../readFrame.ts';
import { createAnswerReader } from './answerReader.ts';
import { refusalIn } from './finishReason.ts';
import { readUsage } from './usage.ts';
import * as wire from './wire.ts';

/**
 * Reads a provider's stream of chat.completion.chunk frames. It is as lenient as real providers require (providers.md, "Design
 * consequences"): reasoning and usage may be in any of several fields, tool calls may lack an index, and errors may arrive in
 * a 200. It ignores everything after an error or `[DONE]`. A truncated stream emits neither finish nor done.
 */
export function streamReader(emit: (delta: Delta) => void, options: ReadOptions = {}): Sink<SseFrame> {
  const answer = createAnswerReader(emit);
  let started = false;
  let over = false;

  function pushChunk(chunk: wire.Chunk): void {
    if (!started) {
      started = true;
      emit({ type: 'start', ...(chunk.id && { id: chunk.id }), ...(chunk.model && { model: chunk.model }) });
    }
    const choice = firstChoice(chunk);
    // Some providers repeat the whole message at the end, or send only that.
    const delta = choice?.delta ?? (answer.any() ? undefined : choice?.message);
    answer.pushBeside(chunk, choice?.logprobs);
    if (delta) answer.push(delta);
    const usage = readUsage(chunk, choice);
    if (usage) emit({ type: 'usage', usage });
    const reason = refusalIn(chunk, answer.any()) ?? choice?.finish_reason;
    if (isReason(reason) && !answer.finish(reason)) over = true;
  }

  const push = createFrameReader(options, {
    event: (json) => pushChunk(wire.readWire(wire.chunk, json)),
    done() {
      over = true;
      answer.flush();
      answer.close();
      emit({ type: 'done' });
    },
    fail(error) {
      over = true;
      emit({ type: 'error', error });
    },
    isOver: () => over,
  });
  return { push, end: answer.close };
}

/** Choices after the first (`n` > 1) are supported only in a relay. */
export function firstChoice({ choices }: wire.Chunk): wire.Choice | undefined {
  return choices?.find((choice) => choice !== null && (choice.index ?? 0) === 0) ?? undefined;
}
