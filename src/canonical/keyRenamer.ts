import { parseJson } from './json.ts';

/** Renames the keys of a JSON text that arrives in pieces. */
export type KeyRenamer = {
  /** Takes the next piece and returns the part of the text that is final. */
  push(text: string): string;
  /** The rest. */
  end(): string;
};

/** A character of a name may be written as `\u0061`. */
const longestEscape = 6;

/**
 * Renames every key that is in `names`, at any depth, and keeps everything else byte for byte, numbers in particular. A string
 * that is no longer than a name may be is held until what follows it tells whether it is a key.
 */
export function createKeyRenamer(names: ReadonlyMap<string, string>): KeyRenamer {
  const longest = Math.max(...[...names.keys()].map((name) => name.length)) * longestEscape + 2;
  let held = '';
  /** Whether `held` begins inside a string that is too long for a key, and whether at an escaped character. */
  let isInside = false;
  let isEscaped = false;

  function settle(isLast: boolean): string {
    let out = '';
    let position = 0;
    for (;;) {
      if (isInside) {
        const end = skipString(position);
        out += held.slice(position, end);
        position = end;
      }
      const start = isInside ? -1 : held.indexOf('"', position);
      if (start === -1) return take(out, position, held.length);
      const end = endOfString(held, start);
      if ((end === -1 ? held.length : end) - start > longest) {
        isInside = true;
        out += held.slice(position, start + 1);
        position = start + 1;
        continue;
      }
      const next = end === -1 ? held.length : endOfSpace(held, end);
      // The string is unfinished, or what follows it has not arrived.
      if (next === held.length) return take(out, position, isLast ? held.length : start);
      const token = held.slice(start, end);
      out += held.slice(position, start) + (held[next] === ':' ? renamed(token) : token);
      position = end;
    }
  }

  /** The index after the string that began in an earlier piece, or the end of the text received so far. */
  function skipString(from: number): number {
    for (let index = from; index < held.length; index++) {
      const character = held[index];
      if (isEscaped) isEscaped = false;
      else if (character === '\\') isEscaped = true;
      else if (character === '"') {
        isInside = false;
        return index + 1;
      }
    }
    return held.length;
  }

  function take(out: string, from: number, to: number): string {
    const settled = out + held.slice(from, to);
    held = held.slice(to);
    return settled;
  }

  function renamed(token: string): string {
    const name: unknown = token.includes('\\') ? parseJson(token) : token.slice(1, -1);
    const wanted = typeof name === 'string' ? names.get(name) : undefined;
    return wanted === undefined ? token : JSON.stringify(wanted);
  }

  return {
    push(text) {
      held += text;
      return settle(false);
    },
    end() {
      return settle(true);
    },
  };
}

/** The index after the closing quote of the string that starts at `start`; -1 if it has none yet. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === '"') return index + 1;
  }
  return -1;
}

function endOfSpace(text: string, start: number): number {
  let index = start;
  while (index < text.length && ' \t\n\r'.includes(text.charAt(index))) index++;
  return index;
}
