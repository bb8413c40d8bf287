import type { Delta } from '../../canonical/events.ts';
import { isObject, parseJson } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { readCitations } from './citations.ts';
import { readImage } from './media.ts';
import { readSignature } from './signature.ts';
import type { ContentSeen } from '../dialect.ts';
import type { AnswerBlock, BlockDelta } from './readEvent.ts';

/** Reads the content blocks of a reply, streamed or whole, as canonical deltas. */
export type BlockReader = {
  start(index: number, block: AnswerBlock): void;
  extend(index: number, delta: BlockDelta): void;
  stop(index: number): void;
  /** Ends the blocks that the provider did not end. */
  finish(): void;
  answered(): ContentSeen;
  /** Whether a block has begun that has not ended. */
  isOpen(): boolean;
};

/** A block that is being read. `key` is unique even if the provider reuses an index. */
type Open = { key: string; block: AnswerBlock; signature: string; json: string; citations: JsonObject[] };

export function createBlockReader(emit: (delta: Delta) => void): BlockReader {
  const open = new Map<number, Open>();
  const answered: ContentSeen = { content: false, calls: false };
  let count = 0;

  function start(index: number, block: AnswerBlock): Open {
    stop(index);
    const opened = {
      key: String(count++),
      block,
      signature: block.signature ?? '',
      json: '',
      citations: [...(block.citations ?? [])],
    };
    open.set(index, opened);
    begin(opened);
    return opened;
  }

  function begin({ key, block }: Open): void {
    switch (block.type) {
      case 'text':
        return pushText(key, block.text);
      case 'thinking':
        // Emitted even without text: a provider that hides its thinking still sends a signature to keep.
        return emit({ type: 'reasoning-delta', key, text: block.thinking ?? '' });
      case 'tool_use':
        answered.calls = true;
        return emit(startOfCall(key, block));
      default:
    }
  }

  function pushText(key: string, text: string | null | undefined): void {
    if (!text) return;
    answered.content = true;
    emit({ type: 'text-delta', key, text });
  }

  /** Finds the block of a delta. If it was never started, the delta's type tells text from thinking; a tool call can't be guessed. */
  function find(index: number, delta: BlockDelta): Open | undefined {
    const found = open.get(index);
    if (found) return found;
    if (delta.text) return start(index, { type: 'text' });
    return delta.thinking || delta.signature ? start(index, { type: 'thinking' }) : undefined;
  }

  function extend(index: number, delta: BlockDelta): void {
    const opened = find(index, delta);
    if (!opened) return;
    const { key, block } = opened;
    if (delta.text) pushText(key, delta.text);
    if (delta.thinking) emit({ type: 'reasoning-delta', key, text: delta.thinking });
    if (delta.signature) opened.signature = delta.signature;
    if (delta.citation) opened.citations.push(delta.citation);
    if (!delta.partial_json) return;
    opened.json += delta.partial_json;
    if (block.type === 'tool_use') emit({ type: 'tool-delta', key, text: delta.partial_json });
  }

  function stop(index: number): void {
    const opened = open.get(index);
    if (!opened) return;
    open.delete(index);
    for (const delta of closingDeltas(opened)) {
      if (delta.type === 'native' || delta.type === 'media') answered.content = true;
      emit(delta);
    }
  }

  return {
    start,
    extend,
    stop,
    finish: () => [...open.keys()].forEach(stop),
    answered: () => answered,
    isOpen: () => open.size > 0,
  };
}

function startOfCall(key: string, { id, name }: AnswerBlock): Delta {
  return { type: 'tool-delta', key, ...(id && { id }), ...(name && { name }), text: '' };
}

/** What a block's end makes known: its proof, its citations, an input that was not streamed, or the whole native block. */
function closingDeltas({ key, block, signature, json, citations }: Open): Delta[] {
  switch (block.type) {
    case 'text':
      return [
        {
          type: 'block-end',
          key,
          ...(citations.length > 0 && { citations: readCitations(citations) }),
        },
      ];
    case 'thinking': {
      const proof = readSignature(signature);
      return [{ type: 'block-end', key, ...(proof && { proof }) }];
    }
    case 'redacted_thinking':
      return [
        { type: 'reasoning-delta', key, text: '' },
        { type: 'block-end', key, proof: { type: 'redacted', data: block.data ?? '' } },
      ];
    case 'tool_use':
      // If no input was streamed, or an empty one, it is in the block itself; a call without arguments has an empty one there too.
      return [
        ...(json === '' || isOnlyInBlock(block, json)
          ? [{ type: 'tool-delta' as const, key, text: wholeInput(block) }]
          : []),
        { type: 'block-end', key },
      ];
    default:
      return [
        readImage(block, key) ?? { type: 'native', key, dialect: 'anthropic-messages', json: withInput(block, json) },
      ];
  }
}

function isOnlyInBlock({ input }: AnswerBlock, json: string): boolean {
  return isObject(input) && Object.keys(input).length > 0 && /^\s*\{\s*\}\s*$/.test(json);
}

function wholeInput({ input }: AnswerBlock): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? {});
}

/** A call of one of the provider's hosted tools, with its streamed input. */
function withInput(block: AnswerBlock, json: string): JsonObject {
  const input = parseJson(json);
  return input === undefined ? block : { ...block, input };
}
