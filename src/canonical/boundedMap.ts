/**
 * A map that keeps at most `maxEntries`: setting one more evicts the entry that was set or touched least recently.
 * Iteration order is from least to most recently used.
 */
export type BoundedMap<Key, Value> = {
  size(): number;
  /** Does not change the order. */
  get(key: Key): Value | undefined;
  /** As `get`, and makes the entry the most recently used one. */
  touch(key: Key): Value | undefined;
  /** Sets the entry and makes it the most recently used one. */
  set(key: Key, value: Value): void;
  has(key: Key): boolean;
  delete(key: Key): boolean;
  clear(): void;
  keys(): IterableIterator<Key>;
};

export function createBoundedMap<Key, Value>(maxEntries: number): BoundedMap<Key, Value> {
  const entries = new Map<Key, Value>();

  function set(key: Key, value: Value): void {
    entries.delete(key);
    entries.set(key, value);
    if (entries.size <= maxEntries) return;
    const oldest = entries.keys().next();
    if (!oldest.done) entries.delete(oldest.value);
  }

  return {
    size: () => entries.size,
    get: (key) => entries.get(key),
    touch(key) {
      const value = entries.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
    has: (key) => entries.has(key),
    delete: (key) => entries.delete(key),
    clear: () => entries.clear(),
    keys: () => entries.keys(),
  };
}
