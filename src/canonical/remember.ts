import { createBoundedMap } from './boundedMap.ts';

/** Makes a value once for each object, which must not change: a config is replaced as a whole. */
export function rememberByObject<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

/** Makes a value once for each text, as long as it is one of the `most` that were asked for last. */
export function rememberByText<Value>(most: number, make: (text: string) => Value): (text: string) => Value {
  const made = createBoundedMap<string, Value>(most);
  return (text) => {
    const known = made.touch(text);
    if (known !== undefined) return known;
    const value = make(text);
    made.set(text, value);
    return value;
  };
}
