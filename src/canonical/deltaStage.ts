import type { Delta, DeltaOf } from './events.ts';
import type { Stage } from './stage.ts';

/** What a stage does with the deltas that it edits. Types without a handler pass through. */
export type DeltaHandlers = {
  /** These replace the delta: the handler emits it, changed or not, now or later. */
  text?: (delta: DeltaOf<'text-delta'>) => void;
  reasoning?: (delta: DeltaOf<'reasoning-delta'>) => void;
  tool?: (delta: DeltaOf<'tool-delta'>) => void;
  blockEnd?: (delta: DeltaOf<'block-end'>) => void;
  /** Emits what is held back. Called before `finish` and `done` pass through, and when the stream ends. */
  flush: (finish?: DeltaOf<'finish'>) => void;
  /** Called in place of `flush` before an error passes through: what is held back is incomplete. */
  breakOff?: () => void;
  /** The `finish` to pass on, called after `flush`. */
  finish?: (delta: DeltaOf<'finish'>) => Delta;
};

/** A stage that holds some deltas back. It emits them before the stream finishes, fails or ends. */
export function deltaStage(handle: (emit: (delta: Delta) => void) => DeltaHandlers): Stage<Delta, Delta> {
  return (emit) => {
    const { text, reasoning, tool, blockEnd, flush, breakOff, finish } = handle(emit);
    return {
      push(delta) {
        switch (delta.type) {
          case 'text-delta':
            return text ? text(delta) : emit(delta);
          case 'reasoning-delta':
            return reasoning ? reasoning(delta) : emit(delta);
          case 'tool-delta':
            return tool ? tool(delta) : emit(delta);
          case 'block-end':
            return blockEnd ? blockEnd(delta) : emit(delta);
          case 'finish':
            flush(delta);
            return emit(finish ? finish(delta) : delta);
          case 'done':
            flush();
            return emit(delta);
          case 'error':
            breakOff?.();
            return emit(delta);
          case 'start':
          case 'refusal-delta':
          case 'native':
          case 'media':
          case 'logprobs':
          case 'usage':
            return emit(delta);
          default:
            return delta satisfies never;
        }
      },
      end: () => flush(),
    };
  };
}
