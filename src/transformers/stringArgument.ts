import { own } from '../canonical/json.ts';
/** The longest opening, with room for white space. Longer text has another shape and is not tested again. Characters. */
const longestOpening = 1000;

/**
 * Reads the string in `{"name": "..."}` while it streams in, split anywhere. `push` returns the new part of the string.
 * `end` returns the rest. For arguments of another shape, `end` returns the best text that they contain, so that no answer
 * is lost.
 */
export function readStringArgument(name: string): { push(text: string): string; end(): string } {
  const opening = new RegExp(`^\\s*\\{\\s*"${name}"\\s*:\\s*"`);
  let all = '';
  /** Unread text; everything until the string begins. */
  let rest = '';
  let state: 'before' | 'inside' | 'behind' = 'before';

  function readInside(): string {
    let out = '';
    while (state === 'inside' && rest !== '') {
      const [piece = ''] = /^[^"\\]+/.exec(rest) ?? [];
      const taken = piece === '' ? readSpecial() : { text: piece, length: piece.length };
      if (!taken) break;
      out += taken.text;
      rest = rest.slice(taken.length);
    }
    return out;
  }

  /** Reads the closing quote or an escape; undefined while it is incomplete. */
  function readSpecial(): { text: string; length: number } | undefined {
    if (rest.startsWith('"')) {
      state = 'behind';
      return { text: '', length: 1 };
    }
    const escape = escapeAt(rest);
    return escape === 'unfinished' ? undefined : escape;
  }

  return {
    push(text) {
      all += text;
      rest += text;
      const begun = state === 'before' && all.length - text.length < longestOpening ? opening.exec(rest) : undefined;
      if (begun) {
        state = 'inside';
        rest = rest.slice(begun[0].length);
      }
      return state === 'inside' ? readInside() : '';
    },
    end() {
      if (state === 'inside') return rest.replace(/^\\u?[\da-fA-F]{0,3}$/, '');
      return state === 'before' ? whatIsSaid(all) : '';
    },
  };
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Reads the escape at the start of `text`. Surrogate pairs are read together: half of one is not valid text. */
function escapeAt(text: string): { text: string; length: number } | 'unfinished' {
  const kind = text[1];
  if (kind === undefined) return 'unfinished';
  if (kind !== 'u') return { text: own(escapes, kind) ?? kind, length: 2 };
  const first = /^\\u([\da-f]{4})/i.exec(text);
  if (!first) return text.length < 6 ? 'unfinished' : { text: text.slice(0, 2), length: 2 };
  const unit = Number.parseInt(first[1] ?? '', 16);
  if (unit < 0xd800 || unit > 0xdbff) return { text: wellFormed(String.fromCharCode(unit)), length: 6 };
  const second = /^\\u(d[c-f][\da-f]{2})/i.exec(text.slice(6));
  if (second) return { text: String.fromCharCode(unit, Number.parseInt(second[1] ?? '', 16)), length: 12 };
  const mayFollow = text.length < 12 && /^(\\(u[\da-f]{0,3})?)?$/i.test(text.slice(6));
  return mayFollow ? 'unfinished' : { text: wellFormed(String.fromCharCode(unit)), length: 6 };
}

function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** For arguments of another shape: their only string, or else the arguments as text. */
function whatIsSaid(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return text;
  const values = Object.values(value);
  if (values.length === 0) return '';
  const strings = values.filter((each) => typeof each === 'string');
  return strings.length === 1 && strings[0] !== undefined ? strings[0] : text;
}
