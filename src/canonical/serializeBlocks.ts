import type { StreamEvent } from './events.ts';
import type { Stage } from './stage.ts';

/** An open block, with the events held while an earlier block is open. */
type Waiting = { index: number; held: StreamEvent[]; ended: boolean };

/**
 * Serializes overlapping blocks, for protocols that allow one open block at a time: the block that started first streams,
 * and events of the others are held until it ends. Indexes don't change.
 */
export const serializeBlocks: Stage<StreamEvent, StreamEvent> = (emit) => {
  /** Unfinished blocks in the order in which they started. The first one streams. */
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
