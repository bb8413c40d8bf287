import { isObject } from '../canonical/json.ts';
import type * as z from 'zod';
import { describeIssue } from '../canonical/describeIssue.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { JsonPath } from './problems.ts';
import { configSchema, type Config } from './schema.ts';

export type Fault = { path: JsonPath; message: string };

export type Validated = {
  /** Undefined if a fault is outside the providers, presets, budgets and rules. */
  config: Config | undefined;
  /** The index in the file of each of `config.Providers`. */
  providerIndexes: number[];
  /** The index in the file of each of `config.Router.rules`. */
  ruleIndexes: number[];
  /** The index in the file of each of `config.Budgets`. */
  budgetIndexes: number[];
  faults: Fault[];
};

/**
 * Validates the file against the schema. Invalid providers, presets, budgets and rules are dropped. Any other fault leaves no config, since
 * guessing a host or a token is worse than not starting.
 */
export function validateConfig(tidied: JsonObject): Validated {
  const first = configSchema.safeParse(tidied);
  if (first.success)
    return {
      config: first.data,
      providerIndexes: indexes(tidied['Providers']),
      ruleIndexes: indexes(rulesOf(tidied)),
      budgetIndexes: indexes(tidied['Budgets']),
      faults: [],
    };

  const converted = withConvertedStrings(tidied, first.error.issues);
  const second = configSchema.safeParse(converted, {
    error: ({ input }) => (input === undefined ? 'is missing' : undefined),
  });
  if (second.success)
    return {
      config: second.data,
      providerIndexes: indexes(tidied['Providers']),
      ruleIndexes: indexes(rulesOf(tidied)),
      budgetIndexes: indexes(tidied['Budgets']),
      faults: [],
    };

  const faults = second.error.issues.map((issue) => ({ path: pathOf(issue), message: describeIssue(issue) }));
  if (!faults.every(isContained))
    return { config: undefined, providerIndexes: [], ruleIndexes: [], budgetIndexes: [], faults };

  const removed = (section: string, key: string | number) =>
    faults.some(({ path }) => path[0] === section && String(path[1]) === String(key));
  const providerIndexes = indexes(tidied['Providers']).filter((index) => !removed('Providers', index));
  const budgetIndexes = indexes(tidied['Budgets']).filter((index) => !removed('Budgets', index));
  const rules = rulesOf(converted);
  const ruleIndexes = indexes(rules).filter((index) => !faults.some(({ path }) => isRule(path) && path[2] === index));
  const remaining = {
    ...converted,
    ...(Array.isArray(rules) && {
      Router: { ...(converted['Router'] as JsonObject), rules: ruleIndexes.map((index): unknown => rules[index]) },
    }),
    Providers: chosen(converted['Providers'], providerIndexes),
    Budgets: chosen(converted['Budgets'], budgetIndexes),
    Presets: Object.fromEntries(
      Object.entries(isObject(converted['Presets']) ? converted['Presets'] : {}).filter(
        ([name]) => !removed('Presets', name),
      ),
    ),
  };
  return { config: configSchema.parse(remaining), providerIndexes, ruleIndexes, budgetIndexes, faults };
}

/** Sections of which only the invalid entry is dropped. */
const separate = ['Providers', 'Presets', 'Budgets'];

function isContained({ path }: Fault): boolean {
  return path.length > 1 && (separate.includes(String(path[0])) || isRule(path));
}

/** Within one rule. */
function isRule(path: JsonPath): boolean {
  return path[0] === 'Router' && path[1] === 'rules' && path.length > 2;
}

function rulesOf({ Router }: JsonObject): unknown {
  return isObject(Router) ? Router['rules'] : undefined;
}

function chosen(list: unknown, places: readonly number[]): unknown[] {
  return places.map((index): unknown => (Array.isArray(list) ? list[index] : undefined));
}

function indexes(list: unknown): number[] {
  return Array.isArray(list) ? list.map((_, index) => index) : [];
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
