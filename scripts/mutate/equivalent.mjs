// Mutants that no test can notice, since nobody could see a difference, each with the reason.
// `line` is the whole line of the source, `mutants` are as the report names them.

const forTypes = 'A default for the compiler only: the schema or the caller never leaves it out.';
const falsy = 'The caller only asks whether it is true.';
const bound = 'The bound of a cache, which changes no result.';

/** @type {{ file: string, line: string, mutants: string[], why: string }[]} */
export const equivalent = [
  {
    file: 'src/routing/rules.ts',
    line: 'const compiled = createBoundedMap<string, RegExp>(500);',
    mutants: ['number changed: 500 -> 500 + 1'],
    why: bound,
  },
  {
    file: 'src/routing/rules.ts',
    line: 'if (known) return known;',
    mutants: ['condition always false: known -> false'],
    why: 'The pattern is compiled again: slower, but the same.',
  },
  {
    file: 'src/routing/rules.ts',
    line: 'compiled.set(glob, pattern);',
    mutants: ['call removed: compiled.set(glob, pattern); -> ;'],
    why: 'The pattern is compiled again: slower, but the same.',
  },
  {
    file: 'src/routing/rules.ts',
    line: "const [hours = '', days] = period.split(' ').toReversed();",
    mutants: ["text changed: '' -> 'no 0'"],
    why: forTypes,
  },
  {
    file: 'src/routing/rules.ts',
    line: "const [from = 0, until = 0] = hours.split('-').map(minutesOf);",
    mutants: ['number changed: 0 -> 0 + 1'],
    why: forTypes,
  },
  {
    file: 'src/routing/rules.ts',
    line: "const [hour = 0, minute = 0] = time.split(':').map(Number);",
    mutants: ['number changed: 0 -> 0 + 1'],
    why: forTypes,
  },
  {
    file: 'src/routing/rules.ts',
    line: "const [first = 0, last = first] = days.split('-').map((name) => weekdays.findIndex((each) => each === name));",
    mutants: ['number changed: 0 -> 0 + 1'],
    why: forTypes,
  },
  {
    file: 'src/routing/fit.ts',
    line: 'const isFirstWide = candidates[0] === undefined || fits(candidates[0].target, size);',
    mutants: ['number changed: 0 -> 0 + 1'],
    why: 'Without a first candidate there is none to put last, and the list stays as it is.',
  },
  {
    file: 'src/routing/fit.ts',
    line: 'if (small.length === 0) return candidates;',
    mutants: ['condition always false: small.length === 0 -> false'],
    why: 'The first one is wide then, so the list is made again in the same order.',
  },
  {
    file: 'src/routing/modelNames.ts',
    line: "if (name === '') return undefined;",
    mutants: ["condition always false: name === '' -> false", "text changed: '' -> 'no 0'"],
    why: 'An empty reading is skipped below: this only saves the readings.',
  },
  {
    file: 'src/server/guard.ts',
    line: 'if (host === undefined) return false;',
    mutants: ['return removed: return false; -> return undefined;'],
    why: falsy,
  },
];
