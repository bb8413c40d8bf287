import type { MarkupGrammar } from './markupCalls.ts';

/** Tags that end calls, where they stand at the end of a text without having been opened. */
export function strayEnds(openers: readonly string[], behindCalls: boolean): MarkupGrammar {
  const leftover = onlyTags(openers);
  return {
    openers,
    closers: [],
    begins: leftover,
    inReasoning: false,
    stray: { behindCalls },
    leftover,
    read: () => [],
  };
}

/** Nothing but these and white space. */
export function onlyTags(given: readonly string[]): RegExp {
  const any = given.map((tag) => tag.replaceAll(/[|[\]]/g, String.raw`\$&`)).join('|');
  return new RegExp(`^(?:\\s|${any})*$`);
}
