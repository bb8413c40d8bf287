import { parseJson } from './json.ts';

/** Renames the keys of a JSON text that arrives in pieces. */
export type KeyRenamer = {
  /** The next piece in; what is settled of the text out. */
  push(text: string): string;
  /** The rest. */
  end(): string;
};

/**
 * Renames every key that is in `names`, at any depth, and leaves all else as it is written, numbers above all. A string is
 * held until what follows it tells whether it is a key.
 */
export function createKeyRenamer(names: ReadonlyMap<string, string>): KeyRenamer {
  let held = '';

  function settle(isLast: boolean): string {
    let out = '';
    let position = 0;
    for (;;) {
      const start = held.indexOf('"', position);
      if (start === -1) return take(out, position, held.length);
      const end = endOfString(held, start);
      const next = end === -1 ? -1 : endOfSpace(held, end);
      // Unfinished, or what follows has not come.
      if (end === -1 || next === held.length) {
        if (isLast) return take(out, position, held.length);
        return take(out, position, start);
      }
      const isKey = held[next] === ':';
      const token = held.slice(start, end);
      out += held.slice(position, start) + (isKey ? renamed(token) : token);
      position = end;
    }
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

/** The index behind the closing quote of the string that starts at `start`; -1 if it has none yet. */
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
