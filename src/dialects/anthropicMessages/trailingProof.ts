import type { ReplyBlock, StreamEvent } from '../../canonical/events.ts';

/**
 * Leaves out a proof without words behind the last text: Gemini's comes there, and Claude Code takes the last block of an
 * answer for its result, which was empty then (test/e2e/loops.clients.test.ts). Before a call it stays, since the provider
 * wants that one back. Takes the events of blocks that follow one another.
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

/** The same for a whole reply. */
export function withoutTrailingProof(blocks: readonly ReplyBlock[]): readonly ReplyBlock[] {
  const last = blocks.findLastIndex(({ type, text }) => type !== 'reasoning' || text !== '');
  return blocks[last]?.type === 'text' ? blocks.slice(0, last + 1) : blocks;
}
