import type { Delta, DeltaOf } from './events.ts';
import type { Stage } from './stage.ts';

/** The state of a stream: content may still come, a finish has arrived, or content arrived after a finish. */
export type FinishState = {
  /** A finish has arrived, and no content after it. */
  isFinished: boolean;
  /** Its finishes can't be trusted: content arrived after one, or one arrived in the frame of the very first content. */
  isDoubtful: boolean;
};

export type FinishObserver = { onChange(state: FinishState): void; frame(): number };

/**
 * Holds a finish until the stream ends; content after it discards it. Some providers send one with every chunk (gcli2api#403,
 * jcode#1326) or before the last piece (opencode#49167). `onChange` is called when the state changes, and `frame` returns the
 * number of the frame that is being read.
 */
export function lastFinish({ onChange, frame }: FinishObserver): Stage<Delta, Delta> {
  return (emit) => {
    let held: DeltaOf<'finish'> | undefined;
    let firstContent: number | undefined;
    let isDoubtful = false;

    function release(): void {
      if (held) emit(held);
      held = undefined;
    }

    function pushContent(): void {
      firstContent ??= frame();
      if (!held) return;
      held = undefined;
      isDoubtful = true;
      onChange({ isFinished: false, isDoubtful });
    }

    return {
      push(delta) {
        switch (delta.type) {
          case 'finish':
            if (held) return;
            held = delta;
            isDoubtful ||= firstContent === frame();
            return onChange({ isFinished: true, isDoubtful });
          case 'done':
            release();
            break;
          case 'text-delta':
          case 'reasoning-delta':
          case 'refusal-delta':
          case 'tool-delta':
            if (delta.text !== '' || (delta.type === 'tool-delta' && delta.name !== undefined)) pushContent();
            break;
          case 'native':
            pushContent();
            break;
          default:
        }
        emit(delta);
      },
      end: release,
    };
  };
}
