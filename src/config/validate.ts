import type * as z from 'zod';
import type { Wording } from '../canonical/wording.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { JsonPath } from './problems.ts';
import { wordIssue } from './wordIssue.ts';
import { configSchema, type Config } from './schema.ts';

/** `leftOut`: the entry that the config lacks for it. */
export type Fault = { path: JsonPath; why: Wording; leftOut?: JsonPath | undefined };

export type Validated = {
  /** Undefined if a fault is outside the entries that can be left out. */
  config: Config | undefined;
  faults: Fault[];
  /** Where in the file a value of the config is: lists of the config lack the entries that were left out. */
  inFile(path: JsonPath): JsonPath;
};

/** Entries of which only the invalid one is left out, the smallest first. `*` is any key or index. */
const separate: readonly JsonPath[] = [
  ['Providers', '*'],
  ['Presets', '*'],
  ['Budgets', '*'],
  ['Frontend', '*', 'modelMappings', '*'],
  ['Router', 'rules', '*'],
  ['Router', 'tiers', '*'],
  ['Router', 'tierRetries', '*'],
  ['Router', '*'],
  ['Frontend', '*'],
  ['Frontend'],
  ['Presets'],
  ['Budgets'],
];

/**
 * Validates the file against the schema. An invalid entry of `separate` is left out. Any other fault leaves no config, since guessing a host or
 * a token is worse than not starting.
 */
export function validateConfig(tidied: JsonObject): Validated {
  const inFile = (path: JsonPath): JsonPath => path;
  const first = configSchema.safeParse(tidied);
  if (first.success) return { config: first.data, faults: [], inFile };

  const converted = withConvertedStrings(tidied, first.error.issues);
  const second = configSchema.safeParse(converted, {
    error: ({ input }) => (input === undefined ? 'is missing' : undefined),
  });
  if (second.success) return { config: second.data, faults: [], inFile };

  const faults = second.error.issues.map((issue): Fault => {
    const path = pathOf(issue);
    return { path, why: wordIssue(issue), leftOut: entryOf(path) };
  });
  const removed = faults.flatMap(({ leftOut }) => (leftOut ? [leftOut] : []));
  if (removed.length < faults.length) return { config: undefined, faults, inFile };
  const { data: config } = configSchema.safeParse(without(converted, removed));
  return { config, faults, inFile: (path) => placeBefore(path, removed) };
}

/** The entry that holds a fault; undefined for a fault that concerns the whole config, such as a missing default route. */
function entryOf(path: JsonPath): JsonPath | undefined {
  if (path[0] === 'Router' && path[1] === 'default') return undefined;
  const found = separate.find((entry) => entry.every((step, at) => at in path && (step === '*' || step === path[at])));
  return found && path.slice(0, found.length);
}

/** A copy without the values at these paths. */
export function without<Value>(value: Value, removed: readonly JsonPath[]): Value;
export function without(value: unknown, removed: readonly JsonPath[]): unknown {
  if (removed.length === 0 || !isHolder(value)) return value;
  const below = (key: string | number): JsonPath[] =>
    removed.filter(([step]) => step === key).map((path) => path.slice(1));
  const isRemoved = (key: string | number): boolean => below(key).some(({ length }) => length === 0);
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) => (isRemoved(index) ? [] : [without(item, below(index))]));
  const kept = Object.entries(value).filter(([key]) => !isRemoved(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, without(item, below(key))]));
}

/** Where a value was before these were removed. */
function placeBefore(path: JsonPath, removed: readonly JsonPath[]): JsonPath {
  const before: (string | number)[] = [];
  for (const step of path) {
    if (typeof step === 'string') {
      before.push(step);
      continue;
    }
    const gone = removed.filter(
      (each) => each.length === before.length + 1 && before.every((known, at) => known === each[at]),
    );
    let index = step;
    for (const at of [...new Set(gone.map((each) => Number(each.at(-1))))].toSorted((a, b) => a - b))
      if (at <= index) index++;
    before.push(index);
  }
  return before;
}

function pathOf(issue: z.core.$ZodIssue): JsonPath {
  return issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

/** Converts numbers and booleans written as strings, such as `"API_TIMEOUT_MS": "600000"` or `"PORT": "${MY_PORT}"`. */
function withConvertedStrings(file: JsonObject, issues: readonly z.core.$ZodIssue[]): JsonObject {
  const copy = structuredClone(file);
  for (const issue of issues) {
    if (issue.code !== 'invalid_type') continue;
    const path = pathOf(issue);
    const last = path.at(-1);
    const holder: unknown = path.slice(0, -1).reduce<unknown>(step, copy);
    if (last === undefined || !isHolder(holder)) continue;
    holder[last] = convertString(holder[last], issue.expected);
  }
  return copy;
}

function step(holder: unknown, key: string | number): unknown {
  return isHolder(holder) ? holder[key] : undefined;
}

function isHolder(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}

function convertString(value: unknown, expected: string): unknown {
  if (typeof value !== 'string') return value;
  if (expected === 'number' || expected === 'int') return /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  if (expected === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}
