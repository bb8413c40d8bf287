import type { Block, Citations, ReplyBlock } from '../../canonical/events.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Sealer } from '../../reasoning/sealer.ts';
import { ownCitations, sourcesAfter } from './citations.ts';
import { writeMedia } from './media.ts';
import { writeSignature } from './signature.ts';
import { wireName } from './tools.ts';
import { parseInput } from './writeBlocks.ts';

/** A block whose content may come in deltas. */
export type ProseOrCall = Exclude<Block, { type: 'native' | 'media' }>;

/** A whole block for the client. Undefined for an empty one: providers refuse an empty text when the client sends it back. */
export function writeReplyBlock(block: ReplyBlock, callId: string, sealer: Sealer): JsonObject | undefined {
  const { text, proof, citations } = block;
  switch (block.type) {
    case 'text':
    case 'refusal':
      return writeText(text, citations);
    case 'reasoning':
      if (proof?.type === 'redacted' && text === '') return { type: 'redacted_thinking', data: proof.data };
      if (text === '' && !proof) return undefined;
      return { type: 'thinking', thinking: text, signature: writeSignature(proof, sealer) };
    case 'tool-call':
      return { type: 'tool_use', id: callId, name: wireName(block), input: answerInput(block.kind, text) };
    case 'media':
      return writeMedia(block);
    case 'native':
      return block.dialect === 'anthropic-messages' ? block.json : undefined;
    default:
      return block satisfies never;
  }
}

function writeText(text: string, citations: Citations | undefined): JsonObject | undefined {
  const whole = text + sourcesAfter(text !== '', citations);
  return whole === '' ? undefined : { type: 'text', text: whole, ...citationsField(ownCitations(citations)) };
}

function citationsField(items: JsonObject[]): JsonObject {
  return items.length > 0 ? { citations: items } : {};
}

/** Invalid JSON stays text: the client's tool rejects it, which tells the model about its mistake. */
function answerInput(kind: 'function' | 'custom', text: string): unknown {
  return kind === 'custom' ? { input: text } : (parseInput(text) ?? text);
}

/** The block as `content_block_start` sends it, before its deltas. */
export function openReplyBlock(block: ProseOrCall, callId: string): JsonObject {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: '' };
    case 'reasoning':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'tool-call':
      return { type: 'tool_use', id: callId, name: wireName(block), input: {} };
    default:
      return block satisfies never;
  }
}

export function replyDelta(block: ProseOrCall, text: unknown): JsonObject {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return { type: 'text_delta', text };
    case 'reasoning':
      return { type: 'thinking_delta', thinking: text };
    case 'tool-call':
      return { type: 'input_json_delta', partial_json: text };
    default:
      return block satisfies never;
  }
}

/**
 * Chooses the ids of one reply's calls: the provider's id, since some providers need it back unchanged, or a new one if the
 * conversation already contains that id, since strict providers refuse duplicates ("`tool_use` ids must be unique").
 */
export function createCallIds(
  messages: readonly { parts: readonly { type: string; id?: unknown }[] }[],
  newId: (prefix: string) => string,
): (block: Block) => string {
  const taken = new Set(
    messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? [String(part.id)] : []))),
  );
  return (block) => {
    if (block.type !== 'tool-call') return '';
    const id = block.id && !taken.has(block.id) ? block.id : newId('toolu');
    taken.add(id);
    return id;
  };
}
