/**
 * A statement of a TOML file with its place, so that an edit can leave every other byte as it is. Offsets are those of the text.
 * @see https://toml.io/en/v1.0.0
 */
export type TomlStatement = {
  kind: 'header' | 'entry';
  /** The parts of the dotted key. */
  path: string[];
  start: number;
  /** After the closing bracket or the value, before a comment. */
  end: number;
  /** Where the value of an entry starts. */
  valueStart: number;
};

/** The statements of a text that is valid TOML; for any other text the result is undefined behaviour, but it ends. */
export function tomlStatements(text: string): TomlStatement[] {
  const statements: TomlStatement[] = [];
  let offset = text.startsWith('\uFEFF') ? 1 : 0;
  while (offset < text.length) {
    const character = text[offset] ?? '';
    if (/\s/.test(character)) offset++;
    else if (character === '#') offset = lineEnd(text, offset);
    else {
      const statement = character === '[' ? readHeader(text, offset) : readEntry(text, offset);
      statements.push(statement);
      offset = Math.max(statement.end, offset + 1);
    }
  }
  return statements;
}

/** The end of the line, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  if (found < 0) return text.length;
  return text[found - 1] === '\r' && found > offset ? found - 1 : found;
}

/** The start of the next line, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  return found < 0 ? text.length : found + 1;
}

function readHeader(text: string, start: number): TomlStatement {
  const depth = text.startsWith('[[', start) ? 2 : 1;
  const close = findOutsideQuotes(text, start + depth, ']');
  return {
    kind: 'header',
    path: readPath(text.slice(start + depth, close)),
    start,
    end: Math.min(close + depth, text.length),
    valueStart: close,
  };
}

function readEntry(text: string, start: number): TomlStatement {
  const equals = findOutsideQuotes(text, start, '=');
  const valueStart = equals + 1 + (/^[ \t]*/.exec(text.slice(equals + 1))?.[0].length ?? 0);
  return {
    kind: 'entry',
    path: readPath(text.slice(start, equals)),
    start,
    end: valueEnd(text, valueStart),
    valueStart,
  };
}

/** On the line of `start`; the end of that line when there is none. */
function findOutsideQuotes(text: string, start: number, wanted: string): number {
  const limit = lineEnd(text, start);
  for (let offset = start; offset < limit; offset++) {
    const character = text[offset];
    if (character === wanted) return offset;
    if (character === '"' || character === "'") offset = stringEnd(text, offset) - 1;
  }
  return limit;
}

function valueEnd(text: string, start: number): number {
  let depth = 0;
  let end = start;
  for (let offset = start; offset < text.length; offset++) {
    const character = text[offset] ?? '';
    if (character === '#') {
      if (depth === 0) return end;
      offset = lineEnd(text, offset);
    } else if (character === '\n') {
      if (depth === 0) return end;
    } else if (character === '"' || character === "'") {
      offset = stringEnd(text, offset) - 1;
      end = offset + 1;
    } else if (!/\s/.test(character)) {
      if (character === '[' || character === '{') depth++;
      else if (character === ']' || character === '}') depth--;
      end = offset + 1;
    }
  }
  return end;
}

/** After the closing quote of the string that starts at `start`. */
function stringEnd(text: string, start: number): number {
  const quote = text[start] ?? '';
  const isLong = text.startsWith(quote.repeat(3), start);
  const close = isLong ? quote.repeat(3) : quote;
  let offset = start + close.length;
  while (offset < text.length && !text.startsWith(close, offset)) {
    offset += quote === '"' && text[offset] === '\\' ? 2 : 1;
  }
  offset += close.length;
  // Up to two quotes may stand directly before the closing three.
  if (isLong) while (text[offset] === quote) offset++;
  return Math.min(offset, text.length);
}

function readPath(text: string): string[] {
  const parts = text.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^\s."']+/g) ?? [];
  return parts.map((part) => {
    if (part.startsWith("'")) return part.slice(1, -1);
    return part.startsWith('"') ? unescape(part) : part;
  });
}

function unescape(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
