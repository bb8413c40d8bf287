import type { Reply, ReplyBlock, StreamEvent } from './events.ts';
import type { Sink } from './stage.ts';

/** Collects a well-formed stream into one reply. `reply()` can be called at any time and returns the reply so far. */
export function collectReply(): Sink<StreamEvent> & { reply(): Reply } {
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
          if (block) block.text += event.text;
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
    reply: () => ({ blocks: [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block), ...ending }),
  };
}
