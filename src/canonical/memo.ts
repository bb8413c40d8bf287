/** Computes `read` once for each object, as long as the object lives: for what is derived from a config that is replaced, never changed. */
export function memoByObject<Key extends object, Value>(read: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { value: Value }>();
  return (key) => {
    let entry = known.get(key);
    if (!entry) {
      entry = { value: read(key) };
      known.set(key, entry);
    }
    return entry.value;
  };
}
