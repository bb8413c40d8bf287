import type { Problem } from './problems.ts';

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\} is (?:not set|only)/;

/** The environment variable that a value of the config names and nothing sets, as the problem says. Not `CCR_`, which no `.env` may set. */
export function missingVariableOf({ code, message }: Pick<Problem, 'code' | 'message'>): string | undefined {
  if (code !== 'missing-variable' && code !== 'missing-key' && code !== 'invalid-value') return undefined;
  const name = reference.exec(message)?.[1];
  return name?.startsWith('CCR_') ? undefined : name;
}

/** The text of a `.env` file with an empty line for the variable, and the offset where its value belongs. */
export function withVariable(text: string, name: string): { text: string; offset: number } {
  const line = new RegExp(String.raw`^[ \t]*(?:export[ \t]+)?${name}[ \t]*=[ \t]*`, 'm').exec(text);
  if (line) return { text, offset: line.index + line[0].length };
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text === '' || text.endsWith('\n') ? text : `${text}${eol}`;
  return { text: `${start}${name}=${eol}`, offset: start.length + name.length + 1 };
}
