import type { Block, Reply, ReplyBlock, StreamEvent } from '../../canonical/events.ts';
import type { Stage } from '../../canonical/stage.ts';
import type { ReplyContext } from '../dialect.ts';

/**
 * Marks a request for compaction. As measured with Codex 0.169 and its provider "OpenAI": the input ends with this item; the
 * reply must have exactly one `compaction` item, of which Codex reads only `encrypted_content`; later inputs have that item,
 * verbatim, after the user's messages and in place of everything else.
 */
export const triggerType = 'compaction_trigger';

/** The second name is that of earlier Codex versions. */
export function isCompaction(type: unknown): boolean {
  return type === 'compaction' || type === 'compaction_summary';
}

type ItemContext = Pick<ReplyContext, 'newId' | 'sealer'>;

/** Reduces a reply to one compaction item: the provider's own, or the reply's text sealed in one of ours. */
export function condense(context: ItemContext): Stage<StreamEvent, StreamEvent> {
  return (emit) => {
    const texts = new Set<number>();
    let summary = '';
    let passed: number | undefined;

    function emitOwn(): void {
      emit({ type: 'block-start', index: 0, block: ownItem(summary, context) });
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

/** Does the same with a whole reply. */
export function condenseReply(reply: Reply, context: ItemContext): Reply {
  const own = reply.blocks.find(isOwnItem);
  const summary = reply.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const block: ReplyBlock = own ?? { ...ownItem(summary, context), text: '' };
  return { ...reply, blocks: [block], finish: 'stop' };
}

function ownItem(summary: string, { newId, sealer }: ItemContext): Extract<Block, { type: 'native' }> {
  const json = { type: 'compaction', id: newId('cmp'), encrypted_content: sealer.seal('summary', summary) };
  return { type: 'native', dialect: 'openai-responses', json };
}

function isOwnItem(block: Block): boolean {
  return block.type === 'native' && isCompaction(block.json['type']);
}
