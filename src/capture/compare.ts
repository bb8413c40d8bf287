import { isDeepStrictEqual } from 'node:util';
import { isObject, parseJson } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { cut } from '../canonical/visibleText.ts';
import { isSealed, type Opener } from '../reasoning/sealer.ts';

/** One place where something is not what it was. `undefined` is written as `(absent)`. */
export type Difference = { place: string; was: string; now: string };

/** More are not listed. */
const mostDifferences = 20;

/** Characters. */
const longestValue = 300;

/** Where two JSON values differ, by their paths. */
export function compareJson(then: unknown, now: unknown, place = ''): Difference[] {
  const found: Difference[] = [];
  visit(then, now, place);
  return found;

  function visit(before: unknown, after: unknown, at: string): void {
    if (found.length >= mostDifferences || isDeepStrictEqual(before, after)) return;
    if (Array.isArray(before) && Array.isArray(after)) {
      const length = Math.max(before.length, after.length);
      for (let index = 0; index < length; index++) visit(before[index], after[index], `${at}[${index}]`);
    } else if (isObject(before) && isObject(after)) {
      for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
        visit(own(before, name), own(after, name), at === '' ? name : `${at}.${name}`);
    } else found.push({ place: at, was: shown(before), now: shown(after) });
  }
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function shown(value: unknown): string {
  return value === undefined ? '(absent)' : cut(JSON.stringify(value), longestValue);
}

/**
 * Where two answers to a client differ: in their JSON, or from the first event that is not the same. What is new in each answer
 * does not count: ids that CCR makes, the time, and how a text is sealed. `isCut`: the earlier answer is not whole.
 */
export function compareAnswers(then: string, now: string, opener: Opener, isCut: boolean): Difference[] {
  const [before, after] = [lastingOf(then, opener), lastingOf(now, opener)];
  const length = isCut ? Math.min(before.length, after.length) - 1 : Math.max(before.length, after.length);
  for (let index = 0; index < length; index++) {
    const place = before.length + after.length === 2 ? '' : `event ${index + 1}`;
    const differences = compareJson(before[index], after[index], place);
    if (differences.length > 0) return differences;
  }
  return [];
}

/** The lines of an answer as values that can be compared. */
function lastingOf(text: string, opener: Opener): unknown[] {
  const seen = new Map<string, string>();
  const lines = parseJson(text) === undefined ? text.split(/\r?\n/).filter((line) => line !== '') : [text];
  return lines.map((line) => {
    const [, json = ''] = /^(?:data:\s?)?([[{].*)$/s.exec(line) ?? [];
    const value = json === '' ? undefined : parseJson(json);
    return value === undefined ? line : lasting(value, '', seen, opener);
  });
}

const times = new Set(['created', 'created_at', 'completed_at']);
const ids = /^(?:id|(?:item|call|response|message|tool_call|tool_use)_id)$/;

/** Ids are numbered by their first appearance, so that references to them still count. */
function lasting(value: unknown, field: string, seen: Map<string, string>, opener: Opener): unknown {
  if (typeof value === 'string') {
    if (isSealed(value)) return opener.open('reasoning', value) ?? opener.open('summary', value) ?? 'sealed';
    if (!ids.test(field)) return value;
    const known = seen.get(value) ?? `id ${seen.size + 1}`;
    seen.set(value, known);
    return known;
  }
  if (Array.isArray(value)) return value.map((each) => lasting(each, field, seen, opener));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([name]) => !times.has(name));
  return Object.fromEntries(entries.map(([name, inner]) => [name, lasting(inner, name, seen, opener)]));
}
