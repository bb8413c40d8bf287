import { isObject } from '../canonical/json.ts';
import type { Effort, JsonObject } from '../canonical/request.ts';
import { isEffort } from './effort.ts';

/** Names of efforts that people and clients use, but no provider. */
const meanings: Readonly<Record<string, Effort>> = {
  off: 'none', disabled: 'none', false: 'none', no: 'none', zero: 'none',
  min: 'minimal', minimum: 'minimal', lowest: 'minimal', tiny: 'minimal',
  light: 'low', fast: 'low', small: 'low', 'very-low': 'minimal',
  normal: 'medium', mid: 'medium', moderate: 'medium', balanced: 'medium', standard: 'medium',
  hard: 'high', large: 'high', deep: 'high',
  'extra-high': 'xhigh', 'x-high': 'xhigh', 'very-high': 'xhigh', higher: 'xhigh',
  ultra: 'max', maximum: 'max', highest: 'max', extreme: 'max', ultrathink: 'max', xxhigh: 'max', xmax: 'max',
}; // prettier-ignore

/** These leave it to the model. Some providers of Chat Completions take them as they are. */
const leftOpen = ['default', 'auto', 'adaptive', ''];

/** For a word of which nothing is known: the effort that most models have by default. */
const unknownEffort: Effort = 'high';

/** What an unknown word for an effort most likely means; undefined: as much as the model likes. */
export function readEffortWord(word: string): Effort | undefined {
  const plain = word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  if (leftOpen.includes(plain)) return undefined;
  if (isEffort(plain)) return plain;
  return Object.hasOwn(meanings, plain) ? meanings[plain] : unknownEffort;
}

/**
 * A client's body whose efforts are such as exist. `fields` are the fields of the body that hold an effort: the effort
 * itself, or an object with an `effort`. A client that is newer than CCR, or than the model, gets an answer rather than a 400.
 * With `keepOpen`, a word that leaves it to the model stays, for the provider to judge.
 */
export function withKnownEfforts(
  given: JsonObject,
  fields: readonly string[],
  { keepOpen }: { keepOpen: boolean },
): { body: JsonObject; warnings?: string[] } {
  const warnings: string[] = [];

  function known(holder: JsonObject, name: string): JsonObject {
    const word = holder[name];
    if (typeof word !== 'string' || isEffort(word)) return holder;
    const { [name]: _, ...rest } = holder;
    const effort = readEffortWord(word);
    if (effort === undefined) return keepOpen ? holder : rest;
    warnings.push(`The effort ${JSON.stringify(word.slice(0, 40))} is unknown: "${effort}" is used instead.`);
    return { ...rest, [name]: effort };
  }

  let body = given;
  for (const field of fields) {
    const value = body[field];
    if (isObject(value)) {
      const edited = known(value, 'effort');
      if (edited !== value) body = { ...body, [field]: edited };
    } else {
      body = known(body, field);
    }
  }
  return warnings.length > 0 ? { body, warnings } : { body };
}
