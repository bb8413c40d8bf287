/**
 * One synchronous step of a stream. A stage closes over its own state; the driver alone awaits, aborts and applies
 * backpressure, so every stage can be tested by pushing values and looking at what came out.
 */
export type Stage<In, Out> = (emit: (out: Out) => void) => Sink<In>;

/** What accepts a stream: `push` each item, then `end` exactly once, which flushes what the stage still holds. */
export type Sink<In> = { push(item: In): void; end(): void };

/** Runs `first` into `second`. */
export function chain<A, B, C>(first: Stage<A, B>, second: Stage<B, C>): Stage<A, C> {
  return (emit) => {
    const tail = second(emit);
    const head = first((item) => tail.push(item));
    return {
      push: (item) => head.push(item),
      end() {
        head.end();
        tail.end();
      },
    };
  };
}

/** Feeds all `items` through a stage and returns what it emitted, with `end` called. */
export function runStage<In, Out>(stage: Stage<In, Out>, items: Iterable<In>): Out[] {
  const out: Out[] = [];
  const sink = stage((item) => out.push(item));
  for (const item of items) sink.push(item);
  sink.end();
  return out;
}
