import type { Reply, ReplyBlock, StreamEvent } from './events.ts';
import type { Sink } from './stage.ts';

export type ReplyCollector = Sink<StreamEvent> & {
  /** The reply so far. */
  reply(): Reply;
  /** Its text as it came: joining a long one costs more than a look at its ends. */
  pieces(): readonly string[];
};

/** Collects a well-formed stream into one reply. */
export function collectReply(): ReplyCollector {
  const pieces: string[] = [];
  const blocks = new Map<number, ReplyBlock>();
  let ending: Omit<Reply, 'blocks'> = { finish: 'stop' };

  return {
    push(event) {
      switch (event.type) {
        case 'start':
          return;
        case 'block-start':
          blocks.set(event.index, { ...event.block, text: '' });
          return;
        case 'block-delta': {
          const block = blocks.get(event.index);
          if (!block) return;
          block.text += event.text;
          if (block.type === 'text') pieces.push(event.text);
          return;
        }
        case 'logprobs': {
          const block = blocks.get(event.index);
          if (block) block.logprobs = [...(block.logprobs ?? []), ...event.tokens];
          return;
        }
        case 'block-end': {
          const block = blocks.get(event.index);
          if (block && event.input !== undefined) block.text = event.input;
          if (block && event.proof) block.proof = event.proof;
          if (block && event.citations) block.citations = event.citations;
          return;
        }
        case 'finish':
          ending = {
            finish: event.reason,
            usage: event.usage,
            ...(event.stopSequence !== undefined && { stopSequence: event.stopSequence }),
          };
          return;
        default:
          event satisfies never;
      }
    },
    end() {},
    pieces: () => pieces,
    reply: () => ({ blocks: [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block), ...ending }),
  };
}
