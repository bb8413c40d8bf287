import type { Wording } from '../canonical/wording.ts';
import type { Problem } from './problems.ts';
import { describeMissing } from './variables.ts';

/** The environment variable that a value of the config names and nothing sets, as the problem says. Not `CCR_`, which no `.env` may set. */
export function missingVariableOf({ code, wording = [] }: Pick<Problem, 'code' | 'wording'>): string | undefined {
  if (code !== 'missing-variable' && code !== 'missing-key' && code !== 'invalid-value') return undefined;
  const reference = wording.map(referenceIn).find((found) => found !== undefined);
  const name = reference && /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(reference)?.[1];
  return name?.startsWith('CCR_') ? undefined : name;
}

/** The `${NAME}` in a clause of describeMissing that says that the variable has no value, or only CCR's placeholder. */
function referenceIn({ text, values }: Wording): string | undefined {
  const [first] = values;
  if (typeof first === 'string' && unset.includes(text)) return first;
  return values.map((value) => (typeof value === 'object' ? referenceIn(value) : undefined)).find(Boolean);
}

const unset = (['unset', 'placeholder'] as const).map((why) => describeMissing({ path: [], reference: '', why }).text);

/** The text of a `.env` file with an empty line for the variable, and the offset where its value belongs. */
export function withVariable(text: string, name: string): { text: string; offset: number } {
  const line = new RegExp(String.raw`^[ \t]*(?:export[ \t]+)?${name}[ \t]*=[ \t]*`, 'm').exec(text);
  if (line) return { text, offset: line.index + line[0].length };
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text === '' || text.endsWith('\n') ? text : `${text}${eol}`;
  return { text: `${start}${name}=${eol}`, offset: start.length + name.length + 1 };
}
