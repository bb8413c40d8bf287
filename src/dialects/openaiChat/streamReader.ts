import type { Delta } from '../../canonical/events.ts';
import type { Sink } from '../../canonical/stage.ts';
import type { ReadFrame } from '../../sse/frame.ts';
import type { ReadOptions } from '../dialect.ts';
import { isReason } from '../eventJson.ts';
import type { SaidText } from '../frameShape.ts';
import { createFrameReader } from '../readFrame.ts';
import { createAnswerReader } from './answerReader.ts';
import { reasonOf, refusalIn } from './finishReason.ts';
import { readChunk, type Answer, type Choice, type Chunk } from './readChunk.ts';
import { readUsage } from './usage.ts';

/**
 * Reads a provider's stream of chat.completion.chunk frames. It is as lenient as real providers require (providers.md, "Design
 * consequences"): reasoning and usage may be in any of several fields, tool calls may lack an index, and errors may arrive in
 * a 200. It ignores everything after an error or `[DONE]`. A truncated stream emits neither finish nor done.
 */
export function streamReader(emit: (delta: Delta) => void, options: ReadOptions = {}): Sink<ReadFrame> {
  const answer = createAnswerReader(emit);
  let started = false;
  let finished = false;
  let over = false;
  /** The index of the choice that is read. */
  let first: number | undefined;
  /** Whether the last chunk has counted the tokens and nothing else, as the last one does; `often`: others have followed one. */
  let counted: 'no' | 'once' | 'often' = 'no';

  function push(delta: Answer): void {
    if (counted === 'once') counted = 'often';
    answer.push(delta);
  }

  function pushChunk(chunk: Chunk): SaidText | undefined {
    const isStart = !started;
    if (isStart) {
      started = true;
      emit({ type: 'start', ...(chunk.id && { id: chunk.id }), ...(chunk.model && { model: chunk.model }) });
    }
    const choice = nextChoice(chunk);
    const delta = choice?.delta;
    answer.pushBeside(chunk, choice?.logprobs);
    if (delta) push(delta);
    // Some providers repeat the whole message at the end, or send only that, beside an empty delta (cherry-studio#8065).
    if (choice?.message) answer.complete(choice.message);
    const usage = readUsage(chunk, choice);
    if (usage && !choice && counted === 'no' && answer.any()) counted = 'once';
    if (usage) emit({ type: 'usage', usage });
    const reason = refusalIn(chunk, answer.any()) ?? (choice && reasonOf(choice));
    if (isReason(reason)) {
      finished = true;
      if (!answer.finish(reason)) over = true;
      return undefined;
    }
    const isPlain = !isStart && !usage && !choice?.logprobs && !chunk.found;
    return isPlain && delta && !choice.message ? saidText(delta, push) : undefined;
  }

  /**
   * Only one choice is asked for in a stream: that of the first chunk that has one. Foundry Local numbers its chunks in its place,
   * beside a message (foundry-local#144).
   */
  function nextChoice(chunk: Chunk): Choice | undefined {
    const choice = first === undefined ? firstChoice(chunk) : choiceAt(chunk, first);
    if (choice) first ??= choice.index ?? 0;
    const [other] = chunk.choices ?? [];
    return choice ?? (other?.message ? other : undefined);
  }

  function done(): void {
    over = true;
    answer.flush();
    answer.close();
    emit({ type: 'done' });
  }

  /** A stream may end in its usage, without a finish and without `[DONE]` (hermes-agent#100515). */
  function end(): void {
    if (counted === 'once' && !over && !finished) done();
    else answer.close();
  }

  const pushFrame = createFrameReader(options, {
    event: (json) => pushChunk(readChunk(json)),
    done,
    fail(error) {
      over = true;
      emit({ type: 'error', error });
    },
    isOver: () => over,
  });
  return { push: pushFrame, end };
}

/** Choices after the first (`n` > 1) are supported only in a relay. Some providers count from 1. */
export function firstChoice({ choices }: Chunk): Choice | undefined {
  return choiceAt({ choices }, 0) ?? choices?.[0];
}

function choiceAt({ choices }: Pick<Chunk, 'choices'>, at: number): Choice | undefined {
  return choices?.find(({ index = 0 }) => index === at);
}

function isSaid(text: unknown): boolean {
  return text !== '' && text !== undefined && text !== null;
}

/** What a delta said, if that is text in one field alone, or a piece of the input of one call. */
function saidText(delta: Answer, push: (answer: Answer) => void): SaidText | undefined {
  const { content, reasoning_content: native, reasoning, refusal, tool_calls: calls } = delta;
  if (hasMore(delta)) return undefined;
  const texts = Number(isSaid(content)) + Number(isSaid(native)) + Number(isSaid(reasoning)) + Number(isSaid(refusal));
  const [call, another] = calls ?? [];
  if (texts === 1 && !call) return saidProse(delta, push);
  const input = call?.function?.arguments;
  if (texts > 0 || !call?.function || another || typeof input !== 'string') return undefined;
  const { function: called } = call;
  const again = (text: string): void =>
    push({ ...delta, tool_calls: [{ ...call, function: { ...called, arguments: text } }] });
  return { text: input, joins: false, again };
}

function saidProse(delta: Answer, push: (answer: Answer) => void): SaidText | undefined {
  for (const field of ['content', 'reasoning_content', 'reasoning', 'refusal'] as const) {
    const text = delta[field];
    if (typeof text === 'string' && text !== '')
      return { text, joins: true, again: (next) => push({ ...delta, [field]: next }) };
  }
  return undefined;
}

function hasMore(delta: Answer): boolean {
  const {
    extra_content: extra,
    reasoning_details: details,
    annotations,
    images,
    audio,
    executed_tools: searches,
    function_call: legacy,
  } = delta;
  return (
    [extra, annotations, images, audio, searches, legacy].some(Boolean) || (details !== undefined && details.length > 0)
  );
}
