import { GatewayError } from './errors.ts';
import type { Block, Delta, DeltaOf, FinishReason, StreamEvent, ToolDelta, Usage } from './events.ts';
import type { JsonObject } from './request.ts';
import type { Stage } from './stage.ts';
import type { WrittenText } from './writtenText.ts';

type BlockEnding = Pick<DeltaOf<'block-end'>, 'proof' | 'citations' | 'input'>;
type Prose = { text: string; written?: WrittenText | undefined };
type OpenBlock = { index: number; block: Block; ended: boolean };
/** A call whose name has not come yet. Its text waits, since a block can't open without a name. */
type WaitingCall = { id?: string; name?: string; text: string };

export type FrameBlocksOptions = {
  /** An id for a call that has none from the provider. */
  newCallId(): string;
};

/**
 * Makes a provider's deltas well formed: prose blocks never overlap, every start has exactly one end, and tool blocks stay
 * open until the reader ends them or the stream finishes, since chat providers interleave them and put text beside them.
 * @throws GatewayError for an error delta, a stream without finish and done, and a call that never gets a name.
 */
export function frameBlocks({ newCallId }: FrameBlocksOptions): Stage<Delta, StreamEvent> {
  return (emit) => {
    const blocks = createBlocks(emit);
    const calls = createCalls(blocks, newCallId, emit);
    let usage: Usage | undefined;
    let finish: Omit<DeltaOf<'finish'>, 'type'> | undefined;
    let done = false;

    return {
      push(delta) {
        switch (delta.type) {
          case 'start':
            return blocks.start();
          case 'text-delta': {
            const { key, phase } = delta;
            return blocks.prose(key, phase === undefined ? { type: 'text' } : { type: 'text', phase }, delta);
          }
          case 'reasoning-delta':
            return blocks.prose(delta.key, { type: 'reasoning' }, delta);
          case 'refusal-delta':
            return blocks.prose(delta.key, { type: 'refusal' }, delta);
          case 'tool-delta':
            return calls.push(delta);
          case 'block-end':
            return blocks.end(delta.key, delta);
          case 'native':
            return blocks.whole(delta.key, { type: 'native', dialect: delta.dialect, json: delta.json });
          case 'media':
            return blocks.whole(delta.key, { type: 'media', media: delta.media });
          case 'logprobs':
            return blocks.logprobs(delta.key, delta.tokens);
          case 'usage':
            usage = delta.usage;
            return;
          case 'finish':
            finish ??= delta;
            return;
          case 'done':
            done = true;
            return;
          case 'error':
            throw delta.error;
          default:
            delta satisfies never;
        }
      },
      end() {
        if (!finish && !done) {
          throw new GatewayError('connection', 'The provider closed the stream before its answer was complete.');
        }
        calls.end();
        blocks.endAll();
        const { reason, raw, stopSequence } = finish ?? { reason: calls.any() ? 'tool-calls' : 'stop', raw: '' };
        const ended = { type: 'finish', reason: finalReason(reason, calls.any()), raw, usage } as const;
        emit(stopSequence === undefined ? ended : { ...ended, stopSequence });
      },
    };
  };
}

type Blocks = ReturnType<typeof createBlocks>;

/** The blocks of one stream. A slot is a key with the block's type: readers may use one key for blocks of several types. */
function createBlocks(emit: (event: StreamEvent) => void) {
  const blocks = new Map<string, OpenBlock>();
  const waitingLogprobs = new Map<string, JsonObject[]>();
  let openProse: { slot: string; opened: OpenBlock } | undefined;
  let nextIndex = 0;
  let started = false;

  function start(): void {
    if (started) return;
    started = true;
    emit({ type: 'start' });
  }

  function open(slot: string, block: Block): OpenBlock {
    start();
    const opened = { index: nextIndex++, block, ended: false };
    blocks.set(slot, opened);
    emit({ type: 'block-start', index: opened.index, block });
    return opened;
  }

  function close(opened: OpenBlock, { proof, citations, input }: BlockEnding = {}): void {
    if (opened.ended) return;
    opened.ended = true;
    emit({
      type: 'block-end',
      index: opened.index,
      ...(proof && { proof }),
      ...(citations && { citations }),
      ...(input !== undefined && { input }),
    });
    if (openProse?.opened === opened) openProse = undefined;
  }

  function releaseLogprobs(key: string, index: number): void {
    const tokens = waitingLogprobs.get(key);
    waitingLogprobs.delete(key);
    if (tokens) emit({ type: 'logprobs', index, tokens });
  }

  return {
    start,
    open,
    get: (slot: string) => blocks.get(slot),
    prose(key: string, block: Block, { text, written }: Prose): void {
      const slot = `${block.type}:${key}`;
      if (openProse?.slot !== slot) {
        if (openProse) close(openProse.opened);
        openProse = { slot, opened: open(slot, block) };
        if (waitingLogprobs.size > 0 && block.type !== 'reasoning') releaseLogprobs(key, openProse.opened.index);
      }
      if (text) emit({ type: 'block-delta', index: openProse.opened.index, text, written });
    },
    /** A block that is complete at once. */
    whole: (key: string, block: Block) => close(open(`${block.type}:${key}`, block)),
    /** Probabilities may come before the text that they are of, which stages may hold back: they wait for it. */
    logprobs(key: string, tokens: JsonObject[]): void {
      const opened = blocks.get(`text:${key}`) ?? blocks.get(`refusal:${key}`);
      if (opened && !opened.ended) emit({ type: 'logprobs', index: opened.index, tokens });
      else waitingLogprobs.set(key, [...(waitingLogprobs.get(key) ?? []), ...tokens]);
    },
    /** Ends the blocks with this key. A later delta under it opens a new block. */
    end(key: string, ending: BlockEnding): void {
      // Citations whose text is over get a text block of their own.
      let citing = ending.citations;
      for (const type of ['text', 'reasoning', 'refusal', 'tool']) {
        const opened = blocks.get(`${type}:${key}`);
        if (!opened) continue;
        if (!opened.ended && type === 'text') citing = undefined;
        close(opened, ending);
        blocks.delete(`${type}:${key}`);
      }
      if (citing) close(open(`text:${key}`, { type: 'text' }), { citations: citing });
    },
    endAll(): void {
      start();
      for (const opened of blocks.values()) close(opened);
    },
  };
}

/** The tool calls of one stream. */
function createCalls(blocks: Blocks, newCallId: () => string, emit: (event: StreamEvent) => void) {
  const waiting = new Map<string, WaitingCall>();
  const ids = new Set<string>();

  function uniqueId(id: string | undefined): string {
    const chosen = id && !ids.has(id) ? id : newCallId();
    ids.add(chosen);
    return chosen;
  }

  function open(delta: ToolDelta, { id, name = '', text }: WaitingCall): void {
    const block: Block = { type: 'tool-call', id: uniqueId(id), kind: delta.kind ?? 'function', name };
    if (delta.namespace !== undefined) block.namespace = delta.namespace;
    const { index } = blocks.open(`tool:${delta.key}`, block);
    if (text) emit({ type: 'block-delta', index, text });
  }

  return {
    any: () => ids.size > 0,
    push(delta: ToolDelta): void {
      const opened = blocks.get(`tool:${delta.key}`);
      if (opened) {
        if (delta.text && !opened.ended) emit({ type: 'block-delta', index: opened.index, text: delta.text });
        return;
      }
      const call = waiting.get(delta.key) ?? { text: '' };
      if (delta.id) call.id ??= delta.id;
      if (delta.name) call.name ??= delta.name;
      call.text += delta.text;
      if (!call.name) {
        if (call.id || call.text) waiting.set(delta.key, call);
        return;
      }
      waiting.delete(delta.key);
      open(delta, call);
    },
    end(): void {
      if (waiting.size > 0) throw new GatewayError('protocol', 'The provider sent a tool call without a name.');
    },
  };
}

/** Corrects a provider's reason where it contradicts the calls that came, since clients act on it. */
function finalReason(reason: FinishReason, calls: boolean): FinishReason {
  if (calls && reason === 'stop') return 'tool-calls';
  return !calls && reason === 'tool-calls' ? 'stop' : reason;
}
