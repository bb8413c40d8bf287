/** Work in small steps, between which other work may go first. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** All at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** How long other requests wait for it at a time. Milliseconds. */
const sliceMs = 2;

/** In slices of the event loop. `pause` gives a turn to all that waits. */
export async function inSlices<Result>(
  steps: Steps<Result>,
  { now, pause }: { now(): number; pause(): Promise<void> },
): Promise<Result> {
  let startedAt = now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (now() - startedAt < sliceMs) continue;
    await pause();
    startedAt = now();
  }
}
