import type { MarkupGrammar } from './markupCalls.ts';

/** Where the section's closer ends. Up to `searched` there is none. */
export function endOfSection(text: string, { closers }: MarkupGrammar, searched: number): number | undefined {
  let end: number | undefined;
  for (const closer of closers) {
    const at = text.indexOf(closer, Math.max(0, searched - closer.length));
    if (at >= 0 && (end === undefined || at + closer.length < end)) end = at + closer.length;
  }
  return end;
}

/** No closer is longer. Characters. */
const longestCloser = 64;

/** The end of what was searched, in which a closer may begin. */
export function tailOf(text: string): string {
  return text.slice(-longestCloser);
}
