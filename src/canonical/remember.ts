import { createBoundedMap } from './boundedMap.ts';

/** Makes a value once for each object, which must not change: a config is replaced as a whole. */
export function rememberByObject<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return remembering(
    (key) => made.get(key),
    (key, value) => made.set(key, value),
    make,
  );
}

/** Makes a value once for each text, as long as it is one of the `most` that were asked for last. */
export function rememberByText<Value>(most: number, make: (text: string) => Value): (text: string) => Value {
  const made = createBoundedMap<string, Value>(most);
  return remembering(made.touch, made.set, make);
}

function remembering<Key, Value>(
  find: (key: Key) => Value | undefined,
  keep: (key: Key, value: Value) => unknown,
  make: (key: Key) => Value,
): (key: Key) => Value {
  return (key) => {
    const known = find(key);
    if (known !== undefined) return known;
    const value = make(key);
    keep(key, value);
    return value;
  };
}
