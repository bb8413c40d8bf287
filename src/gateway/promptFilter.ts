import { cut } from '../canonical/visibleText.ts';

/** Replaces what a text quotes of a conversation by a mark. */
export type PromptFilter = (text: string) => string;

/** A common run of this length is a quotation; shorter ones are ordinary words. Characters. */
const shortestRun = 16;

/** Pieces of this length are looked up: each common run of `shortestRun` holds a whole one. Characters. */
const piece = shortestRun / 2;

/** The comparisons after which a text counts as a quotation as a whole: only a hostile one needs more. */
const mostSteps = 2_000_000;

/** Longer texts are cut. Characters. */
const longestText = 2000;

const mark = '[prompt]';

/** Fields of the wire formats that hold names and ids of the protocol, not text of the conversation. */
const namingFields = new Set([
  'model',
  'type',
  'role',
  'name',
  'id',
  'call_id',
  'tool_use_id',
  'tool_call_id',
  'status',
]);

/**
 * Removes from a text, for logs and records, every run of 16 or more characters that occurs in `said`, and shorter texts of
 * it that are quoted whole: providers quote the prompt in errors. `said` is searched only when a text is filtered.
 */
export function createPromptFilter(...said: unknown[]): PromptFilter {
  return (text) => {
    const shown = withoutData(cut(text, longestText));
    const quotation = createQuotation(shown);
    for (const value of said) if (!visit(value, quotation.look)) return mark;
    return quotation.rest();
  };
}

/** Images and files in an error are of no use. */
function withoutData(text: string): string {
  return text.replaceAll(/[A-Za-z0-9+/_-]{120,}={0,2}/g, '[data]');
}

/** A character that is written as its code. That of a backslash is left as it is: backslashes are removed. */
const code = String.raw`\\u(?!005[cC])[0-9a-fA-F]{4}`;
const codes = new RegExp(code, 'g');
const characters = new RegExp(`${code}|[^\\\\]`, 'g');

/** A text without what JSON escapes, however often it is a text within JSON. */
function unescaped(text: string): string {
  return /[\\\n\t\r]/.test(text)
    ? text
        .replaceAll(codes, (each) => String.fromCharCode(Number.parseInt(each.slice(2), 16)))
        .replaceAll(/\\/g, '')
        .replaceAll('\n', 'n')
        .replaceAll('\t', 't')
        .replaceAll('\r', 'r')
    : text;
}

/** Which characters of a text occur in others. */
function createQuotation(shown: string) {
  const text = unescaped(shown);
  /** Where each character of `text` ends in `shown`. */
  const origins = Array.from(shown.matchAll(characters), ({ 0: each, index }) => index + each.length - 1);
  const places = new Map<string, number[]>();
  for (let at = 0; at + piece <= text.length; at++) {
    const key = text.slice(at, at + piece);
    const found = places.get(key);
    if (found) found.push(at);
    else places.set(key, [at]);
  }
  const hidden = new Uint8Array(text.length);
  let steps = 0;

  function hide(start: number, end: number): void {
    hidden.fill(1, start, end);
  }

  /** Extends a common piece to the whole common run. */
  function compare(at: number, words: string, from: number): void {
    let [start, end] = [at, at + piece];
    const shift = from - at;
    while (start > 0 && text[start - 1] === words[start + shift - 1]) start--;
    while (end < text.length && text[end] === words[end + shift]) end++;
    steps += end - start;
    if (end - start >= shortestRun) hide(start, end);
  }

  return {
    /** Returns false once the comparison takes too long. */
    look(said: string): boolean {
      const words = unescaped(said);
      if (words.length < shortestRun) {
        const at = words.length >= piece ? text.indexOf(words) : -1;
        if (at >= 0) hide(at, at + words.length);
        return true;
      }
      for (let from = 0; from + piece <= words.length; from += piece) {
        for (const at of places.get(words.slice(from, from + piece)) ?? []) {
          if (hidden[at] === 1 && hidden[at + piece - 1] === 1) continue;
          compare(at, words, from);
          if (++steps > mostSteps) return false;
        }
      }
      return true;
    },
    rest(): string {
      let rest = '';
      let next = 0;
      for (let at = 0; at < text.length; at++) {
        const origin = origins[at] ?? 0;
        if (hidden[at] !== 1) rest += shown.slice(next, origin + 1);
        else if (hidden[at - 1] !== 1) rest += mark;
        next = origin + 1;
      }
      return rest + shown.slice(next);
    },
  };
}

/** Text of an encoded file, which is not searched. Characters. */
const encodedLength = 64 * 1024;

/** Calls `look` with every text of the conversation in a request, until it returns false. */
function visit(value: unknown, look: (words: string) => boolean): boolean {
  /** The values still to visit, and whether all of their fields are text of the conversation, as in the input of a call. */
  const left: [value: unknown, isFree: boolean, depth: number][] = [[value, false, 0]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [each, isFree, depth] = next;
    if (typeof each === 'string') {
      const isEncoded = each.length > encodedLength && !/\s/.test(each.slice(0, 1000));
      if (!isEncoded && !look(each)) return false;
    } else if (Array.isArray(each)) for (const item of each) left.push([item, isFree, depth + 1]);
    else if (typeof each === 'object' && each !== null) {
      for (const [name, inner] of Object.entries(each)) {
        if (!isFree && namingFields.has(name)) continue;
        if (isFree && !look(name)) return false;
        left.push([inner, isFree || (name === 'input' && depth > 0), depth + 1]);
      }
    }
  }
  return true;
}
