/**
 * One synchronous step of a stream. A stage closes over its own state; only the driver awaits, aborts and applies
 * backpressure, so a stage can be tested by pushing values and checking its output.
 */
export type Stage<In, Out> = (emit: (out: Out) => void) => Sink<In>;

/** Consumes a stream: `push` each item, then call `end` exactly once, which flushes everything held. */
export type Sink<In> = { push(item: In): void; end(): void };

/** Pipes `first` into `second`. */
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

/** Runs all `items` through a stage, ends it, and returns everything it emitted. */
export function runStage<In, Out>(stage: Stage<In, Out>, items: Iterable<In>): Out[] {
  const out: Out[] = [];
  const sink = stage((item) => out.push(item));
  for (const item of items) sink.push(item);
  sink.end();
  return out;
}
