import type { StreamEvent } from './events.ts';
import type { Stage } from './stage.ts';

/** A block that has begun: what came of it while an earlier one was still open. */
type Waiting = { index: number; held: StreamEvent[]; ended: boolean };

/**
 * Makes overlapping blocks follow each other, for wires that have one open at a time: the block that began first streams
 * on, what comes of the others waits until it has ended. Indexes stay as they are.
 */
export const serializeBlocks: Stage<StreamEvent, StreamEvent> = (emit) => {
  /** Blocks that are not over, in the order in which they began. The first one streams. */
  const queue: Waiting[] = [];

  function advance(): void {
    while (queue[0]?.ended) {
      queue.shift();
      const next = queue[0];
      if (!next) return;
      for (const event of next.held) emit(event);
      next.held = [];
    }
  }

  function pushTo(block: Waiting | undefined, event: StreamEvent): void {
    if (!block) return;
    if (block === queue[0]) emit(event);
    else block.held.push(event);
  }

  return {
    push(event) {
      switch (event.type) {
        case 'start':
          return emit(event);
        case 'block-start': {
          const block = { index: event.index, held: [], ended: false };
          queue.push(block);
          return pushTo(block, event);
        }
        case 'block-delta':
        case 'logprobs':
          return pushTo(find(queue, event.index), event);
        case 'block-end': {
          const block = find(queue, event.index);
          pushTo(block, event);
          if (block) block.ended = true;
          return advance();
        }
        case 'finish':
          return emit(event);
        default:
          event satisfies never;
      }
    },
    end() {},
  };
};

function find(queue: Waiting[], index: number): Waiting | undefined {
  return queue.find((block) => block.index === index && !block.ended);
}
