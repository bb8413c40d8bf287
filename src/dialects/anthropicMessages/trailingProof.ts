import type { ReplyBlock, StreamEvent } from '../../canonical/events.ts';

/**
 * Drops reasoning without text after the last text block. Gemini sends a proof there, and Claude Code takes the last block of
 * a reply as its result, which was then empty (test/e2e/loops.clients.test.ts). Before a tool call it is kept, since the
 * provider needs it back. Expects blocks one after another, not interleaved.
 */
export function dropTrailingProof(write: (event: StreamEvent) => void): (event: StreamEvent) => void {
  let held: StreamEvent[] = [];
  let isText = false;
  let endsWithText = false;

  function flush(): void {
    for (const event of held) write(event);
    held = [];
  }

  return (event) => {
    switch (event.type) {
      case 'start':
        return write(event);
      case 'block-start':
        isText = event.block.type === 'text';
        if (event.block.type === 'reasoning' && endsWithText) return void held.push(event);
        endsWithText = false;
        flush();
        return write(event);
      case 'block-delta':
        if (event.text !== '') {
          endsWithText = isText;
          flush();
        }
        return write(event);
      case 'block-end':
        return held.length > 0 ? void held.push(event) : write(event);
      case 'finish':
        if (!endsWithText) flush();
        return write(event);
      default:
        event satisfies never;
    }
  };
}

/** Does the same for a whole reply. */
export function withoutTrailingProof(blocks: readonly ReplyBlock[]): readonly ReplyBlock[] {
  const last = blocks.findLastIndex(({ type, text }) => type !== 'reasoning' || text !== '');
  return blocks[last]?.type === 'text' ? blocks.slice(0, last + 1) : blocks;
}
