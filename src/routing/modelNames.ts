import { rememberByObject } from '../canonical/remember.ts';
import { withoutHostMark } from '../providers/clientModels.ts';

/**
 * Readings of a model's name, from the exact one to the loosest. Two names that are equal in one reading mean the same model:
 * clients put `[1m]` after a name (sub2api#4505), use another case, and add or leave out a
 * maker's prefix, a date or a region. Between digits, a dot and a hyphen are often exchanged.
 */
const readings: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.trim().toLowerCase(),
  (name) => withoutWindow(name),
  (name) => withoutWindow(name).toLowerCase(),
  (name) => withoutMaker(withoutWindow(name).toLowerCase()),
  bareName,
  (name) => bareName(name).replaceAll(/(?<=\d)\.(?=\d)/g, '-'),
];

/**
 * The one of `known` that `name` means; undefined if it means none. A closer reading wins over a looser one, and within one
 * reading the first of `known`, which must not change: its readings are remembered, since a config may have hundreds of names.
 */
export function findModelName(name: string, known: readonly string[]): string | undefined {
  if (name === '') return undefined;
  const indexes = indexesOf(known);
  for (const [at, read] of readings.entries()) {
    const found = indexes[at]?.get(read(name));
    if (found !== undefined) return found;
  }
  const rest = withoutRouting(name);
  return rest === undefined ? undefined : findModelName(rest, known);
}

/** Without marks at the end that name no other model, and without a maker before a colon (`anthropic:claude-opus-5`, dario#190). */
function withoutRouting(name: string): string | undefined {
  const unmarked = withoutHostMark(name.trim());
  if (unmarked !== name.trim()) return unmarked;
  const [, rest] = /^[a-z][a-z0-9_-]*:(?=[a-z])(.+)$/i.exec(name.trim()) ?? [];
  return rest;
}

/** The first name of each reading. */
type Indexes = readonly ReadonlyMap<string, string>[];

const indexesOf = rememberByObject((known: readonly string[]): Indexes =>
  readings.map((read) => {
    const names = new Map<string, string>();
    for (const name of known) {
      const text = read(name);
      if (text !== '' && !names.has(text)) names.set(text, name);
    }
    return names;
  }),
);

/** `glm-5.2[1m]`: Claude Code's mark for a long context window. */
function withoutWindow(name: string): string {
  return name.trim().replace(/(?:\s*\[\d+[mk]\])+$/i, '');
}

function bareName(name: string): string {
  return withoutVersion(withoutMaker(withoutWindow(name).toLowerCase()));
}

/** `anthropic/claude-opus-5`, `models/gemini-3-pro`, `us.anthropic.claude-opus-5`. */
function withoutMaker(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/^(?:[a-z]{2,9}\.){1,2}(?=[a-z])/, '');
}

/** `-20250929`, `-2024-08-06`, `@20250929`, `-latest`, each perhaps before `-v1:0`. */
function withoutVersion(name: string): string {
  return name.replace(/-v\d+(?::\d+)?$/, '').replace(/(?:[-@]20\d{6}|[-@]20\d{2}-\d{2}-\d{2}|[-:]latest)$/, '');
}
