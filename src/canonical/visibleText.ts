/**
 * Characters that change what a terminal, a log or a reader sees beside themselves: control characters (an escape sequence, a
 * forged line), line separators, marks that reverse the reading direction, invisible characters, halves of characters.
 */
const invisible = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060-\u2064\ufeff\u{e0000}-\u{e007f}]/gu;

/** A text of these characters alone, as most are, is recognised much more quickly. */
const plain = /^[\x20-\x7e]*$/;

const written: ReadonlyMap<string, string> = new Map([
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
]);

/** Text from outside as one line, for logs, records and labels: what is invisible is written as an escape. */
export function oneLine(text: string, longest = Number.POSITIVE_INFINITY): string {
  const shown = cut(text, longest);
  if (plain.test(shown)) return shown;
  return shown.replace(invisible, (character) => written.get(character) ?? escapeOf(character));
}

/** The same for a text that is shown whole, such as an error: line breaks and tabs stay. */
export function visibleText(text: string, longest = Number.POSITIVE_INFINITY): string {
  return cut(text, longest)
    .replaceAll('\r\n', '\n')
    .replace(invisible, (character) => (character === '\n' || character === '\t' ? character : escapeOf(character)));
}

/** Whether a name has only characters that are shown. */
export function isVisible(name: string): boolean {
  return name.search(invisible) < 0;
}

/** Cuts a text that is longer than `longest` characters, and marks it as cut. */
export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function escapeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
  return code.length > 4 ? String.raw`\u{${code}}` : String.raw`\u${code}`;
}
