import type { Delta, ToolDelta } from './events.ts';

/** Calls whose name has not come yet. Only the name says how to read their text, so it is held until then. */
export type NamelessCalls = {
  /** The call so far if it has a name, or undefined. `delta` is the next of a call that was not returned yet. */
  push: (delta: ToolDelta) => (ToolDelta & { name: string }) | undefined;
  /** Emits what never got a name. */
  flush: () => void;
};

export function createNamelessCalls(emit: (delta: Delta) => void): NamelessCalls {
  const waiting = new Map<string, ToolDelta>();
  return {
    push(delta) {
      const call = joinToolDeltas(waiting.get(delta.key), delta);
      const { name } = call;
      if (!name) {
        waiting.set(delta.key, call);
        return undefined;
      }
      waiting.delete(delta.key);
      return { ...call, name };
    },
    flush() {
      for (const delta of waiting.values()) emit(delta);
      waiting.clear();
    },
  };
}

/** Appends a delta to the earlier part of its call. Id and name come once. */
export function joinToolDeltas(before: ToolDelta | undefined, delta: ToolDelta): ToolDelta {
  if (!before) return delta;
  const id = before.id ?? delta.id;
  const name = before.name || delta.name;
  return {
    ...delta,
    ...before,
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    text: before.text + delta.text,
  };
}
