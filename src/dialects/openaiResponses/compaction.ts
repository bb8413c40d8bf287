import { introduceSummary, lostSummary } from '../../canonical/compaction.ts';
import type { Block, Reply, ReplyBlock, StreamEvent } from '../../canonical/events.ts';
import type { JsonObject, Part } from '../../canonical/request.ts';
import type { Stage } from '../../canonical/stage.ts';
import { isSealed, sealSummary, unsealSummary } from '../../reasoning/sealedProof.ts';

/**
 * Compaction as Codex 0.169 does it with the provider "OpenAI" (measured): the input ends with `compaction_trigger`, the
 * reply must have exactly one `compaction` item, of which Codex needs `encrypted_content` alone; that item then stands in
 * the input behind the user's messages, verbatim, in place of all that is dropped.
 */
export const triggerType = 'compaction_trigger';

/** The second name is what Codex called it at first. */
export function isCompaction(type: unknown): boolean {
  return type === 'compaction' || type === 'compaction_summary';
}

/** Ours is the summary that it holds; a provider's own stays what it is, for that provider. */
export function readCompaction(json: JsonObject): Part {
  const own = ownText(json);
  if (own !== undefined) return { type: 'text', text: own };
  return { type: 'native', dialect: 'openai-responses', json, substitute: lostSummary };
}

/** A compaction item of ours as a message that any provider can read; undefined for anything else. */
export function asMessage(json: JsonObject): JsonObject | undefined {
  const text = isCompaction(json['type']) ? ownText(json) : undefined;
  return text === undefined ? undefined : { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

function ownText({ encrypted_content: sealed }: JsonObject): string | undefined {
  if (!isSealed(sealed)) return undefined;
  const summary = unsealSummary(sealed);
  return summary === undefined ? lostSummary : introduceSummary(summary);
}

/** A model's reply as the one item that the client asked for: its own compaction item, or what it wrote as one of ours. */
export function condense(newId: (prefix: string) => string): Stage<StreamEvent, StreamEvent> {
  return (emit) => {
    const texts = new Set<number>();
    let summary = '';
    let passed: number | undefined;

    function emitOwn(): void {
      const json = { type: 'compaction', id: newId('cmp'), encrypted_content: sealSummary(summary) };
      emit({ type: 'block-start', index: 0, block: { type: 'native', dialect: 'openai-responses', json } });
      emit({ type: 'block-end', index: 0 });
    }

    return {
      push(event) {
        switch (event.type) {
          case 'start':
            return emit(event);
          case 'block-start':
            if (event.block.type === 'text') texts.add(event.index);
            if (passed !== undefined || !isOwnItem(event.block)) return;
            passed = event.index;
            return emit(event);
          case 'block-delta':
            if (texts.has(event.index)) summary += event.text;
            return;
          case 'block-end':
            if (event.index === passed) emit(event);
            return;
          case 'finish':
            if (passed === undefined) emitOwn();
            return emit({ ...event, reason: 'stop' });
          default:
            event satisfies never;
        }
      },
      end() {},
    };
  };
}

/** The same for a whole reply. */
export function condenseReply(reply: Reply, newId: (prefix: string) => string): Reply {
  const own = reply.blocks.find(isOwnItem);
  const summary = reply.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const block: ReplyBlock = own ?? {
    type: 'native',
    dialect: 'openai-responses',
    json: { type: 'compaction', id: newId('cmp'), encrypted_content: sealSummary(summary) },
    text: '',
  };
  return { ...reply, blocks: [block], finish: 'stop' };
}

function isOwnItem(block: Block): boolean {
  return block.type === 'native' && isCompaction(block.json['type']);
}
