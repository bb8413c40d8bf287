/**
 * Renders what has changed, one part per animation frame, so that a burst of requests costs each frame little. The part that
 * has waited longest is next.
 */
export type Frames = { mark(...parts: readonly string[]): void };

export function createFrames(
  render: Readonly<Record<string, () => void>>,
  nextFrame: (callback: () => void) => void,
): Frames {
  const waiting = new Set<string>();
  let isScheduled = false;

  function run(): void {
    isScheduled = false;
    const [part] = waiting;
    if (part === undefined) return;
    waiting.delete(part);
    if (Object.hasOwn(render, part)) render[part]?.();
    schedule();
  }

  function schedule(): void {
    if (isScheduled || waiting.size === 0) return;
    isScheduled = true;
    nextFrame(run);
  }

  return {
    mark(...parts) {
      for (const part of parts) waiting.add(part);
      schedule();
    },
  };
}
