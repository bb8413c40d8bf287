/** The text with one token repaired, and how long that token is now; undefined if more of the text is needed to tell. */
export type Repaired = { text: string; length: number };

/** Literals of Python and JavaScript. JSON has no number for the last three. */
const literals = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
  ['undefined', 'null'],
  ['NaN', 'null'],
  ['Infinity', 'null'],
  ['-Infinity', 'null'],
]);

const word = /[\w$.+-]+/y;
const closing = /^[}\]]$/;

/**
 * The token at `at`, which is outside of strings, as JSON has it: without a comma before a closing bracket, with a key in double
 * quotes, with JSON's literals, without line ends that were written as text (software-agent-sdk#2488). What has no meaning stays.
 */
export function repairToken(text: string, at: number, isKey: boolean): Repaired | undefined {
  const char = text.charAt(at);
  if (char === ',') return repairComma(text, at);
  if (char === "'") return repairQuotes(text, at);
  if (char === '\\') return repairLineEnd(text, at);
  word.lastIndex = at;
  const [found] = word.exec(text) ?? [];
  if (found === undefined) return { text, length: 1 };
  if (at + found.length === text.length) return undefined;
  if (isKey) return /^[A-Za-z_$]/.test(found) ? replace(text, at, found.length, `"${found}"`, 0) : { text, length: found.length };
  const literal = literals.get(found);
  return literal === undefined ? { text, length: found.length } : replace(text, at, found.length, literal, literal.length);
} // prettier-ignore

function replace(text: string, at: number, count: number, by: string, length: number): Repaired {
  return { text: text.slice(0, at) + by + text.slice(at + count), length };
}

function repairComma(text: string, at: number): Repaired | undefined {
  const next = /\S/.exec(text.slice(at + 1, at + 200));
  if (!next) return text.length > at + 200 ? { text, length: 1 } : undefined;
  return closing.test(next[0]) ? replace(text, at, 1, '', 0) : { text, length: 1 };
}

function repairLineEnd(text: string, at: number): Repaired | undefined {
  if (at + 1 === text.length) return undefined;
  return /[nrt]/.test(text.charAt(at + 1)) ? replace(text, at, 2, ' ', 1) : { text, length: 1 };
}

/** A string in single quotes, if that is what follows: it ends where a bracket, a comma or a colon is next. */
const quoted = /'((?:[^'\\\n]|\\[^])*)'(?=\s*[,:}\]])/y;

function repairQuotes(text: string, at: number): Repaired | undefined {
  quoted.lastIndex = at;
  const found = quoted.exec(text);
  if (!found) return undefined;
  const [whole, inner = ''] = found;
  const by = inner.replaceAll(/\\'|"/g, (each) => (each === '"' ? String.raw`\"` : "'"));
  return replace(text, at, whole.length, `"${by}"`, 0);
}

const escapes = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const unfinished = /\\(?:u[\da-fA-F]{0,3})?$/y;

/**
 * The escape at `at`, within a string. Models write regular expressions and paths as they are: a backslash that JSON does not
 * know stands for itself (claude-code#87251, hermes-agent#110436), and `\'` for the quote.
 */
export function readEscape(text: string, at: number): Repaired | undefined {
  escapes.lastIndex = at;
  const [found] = escapes.exec(text) ?? [];
  if (found !== undefined) return { text, length: found.length };
  unfinished.lastIndex = at;
  if (unfinished.test(text)) return undefined;
  return text.charAt(at + 1) === "'" ? replace(text, at, 2, "'", 1) : replace(text, at, 1, String.raw`\\`, 2);
}
