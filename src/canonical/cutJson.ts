import { parseJson } from './json.ts';

/**
 * Parses the beginning of a JSON object or list, whose end is missing: its complete members, and as much as there is of the
 * last text, marked by "…". Undefined for anything else, whole JSON included.
 */
export function parseCutJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const scanned = scan(text);
  if (!scanned) return undefined;
  const { closers, isInText, lastWhole } = scanned;
  const all = isInText ? `${withoutCutEscape(text)}…"` : text;
  const whole = text.slice(0, lastWhole);
  return parseJson(all + closers) ?? parseJson(whole + (scan(whole)?.closers ?? ''));
}

/** The brackets that a text lacks at its end, outside of strings. Undefined if none are missing. */
export function missingBrackets(text: string): string | undefined {
  const scanned = scan(text);
  return !scanned || scanned.isInText || scanned.closers === '' ? undefined : scanned.closers;
}

/** The brackets that are missing, and the end of the last complete member. Undefined if nothing is missing, or brackets do not match. */
function scan(text: string): { closers: string; isInText: boolean; lastWhole: number } | undefined {
  const open: string[] = [];
  let isInText = false;
  let lastWhole = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isInText) {
      if (char === '\\') at++;
      else if (char === '"') isInText = false;
      continue;
    }
    if (char === '"') isInText = true;
    else if (char === ',') lastWhole = at;
    else if (char === '{' || char === '[') {
      open.push(char === '{' ? '}' : ']');
      lastWhole = at + 1;
    } else if (char === '}' || char === ']') {
      if (open.pop() !== char || open.length === 0) return undefined;
    }
  }
  return { closers: open.toReversed().join(''), isInText, lastWhole };
}

/** Without half an escape sequence, such as `\` or `\u00`, at its end. */
function withoutCutEscape(text: string): string {
  const [cut = ''] = /\\(?:u[0-9a-f]{0,3})?$/i.exec(text) ?? [];
  const before = text.slice(0, text.length - cut.length);
  let backslashes = 0;
  while (before.at(-1 - backslashes) === '\\') backslashes++;
  return backslashes % 2 === 0 ? before : text;
}
