/** A command of a shell line: its unquoted words, and whether its output is piped to the next command. */
export type ShellCommand = { words: string[]; piped: boolean };

/** Separators between commands. A single `&` is not supported: a background job may print at any time. */
const separators = ['&&', '||', '|&', ';', '\n', '|'] as const;

/**
 * Splits a line such as `cd a && npm test 2>&1 | tail -5` into commands. Undefined for substitutions, subshells, loops,
 * here-documents and background jobs, whose output can't be predicted.
 */
export function readShellLine(line: string): ShellCommand[] | undefined {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let at = 0;

  function endWord(): void {
    if (word !== undefined) words.push(word);
    word = undefined;
  }

  function endCommand(piped: boolean): void {
    endWord();
    if (words.length > 0) commands.push({ words, piped });
    words = [];
  }

  while (at < line.length) {
    const rest = line.slice(at, at + 2);
    const character = line[at] ?? '';
    const separator = separators.find((each) => rest.startsWith(each));
    const redirection = /^(?:\d?>&\d|&?>{1,2}|\d>{1,2})/.exec(line.slice(at, at + 4));
    if (redirection && (word === undefined || /^\D/.test(redirection[0]))) {
      endWord();
      words.push(redirection[0]);
      at += redirection[0].length;
    } else if (separator) {
      endCommand(separator.startsWith('|') && separator !== '||');
      at += separator.length;
    } else if (character === ' ' || character === '\t' || rest === '\\\n') {
      endWord();
      at += rest === '\\\n' ? 2 : 1;
    } else if (character === "'" || character === '"') {
      const quoted = readQuoted(line, at);
      if (quoted === undefined) return undefined;
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      word = (word ?? '') + (line[at + 1] ?? '');
      at += 2;
    } else if ('`<>&(){}'.includes(character) || rest === '$(' || (character === '#' && word === undefined)) {
      return undefined;
    } else {
      word = (word ?? '') + character;
      at++;
    }
  }
  endCommand(false);
  return commands;
}

function readQuoted(line: string, start: number): { text: string; end: number } | undefined {
  const quote = line[start];
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    const character = line[at];
    if (character === quote) return { text, end: at + 1 };
    if (quote === '"' && (character === '`' || line.startsWith('$(', at))) return undefined;
    if (quote === '"' && character === '\\') text += line[++at] ?? '';
    else text += character;
  }
  return undefined;
}
