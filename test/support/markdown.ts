// Docs pages that tests generate in part.

import { expect } from 'vitest';

/** Padded columns, as oxfmt writes them. */
export function table(header: string[], rows: string[][]): string {
  const cells = [header, ...rows].map((row) => row.map(escapeCell));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [line(first), line([], '-'), ...rest.map((row) => line(row))].join('\n');
}

/** Escapes `<name>`, which is HTML outside of backticks. */
function escapeCell(text: string): string {
  const pieces = text.replaceAll('|', String.raw`\|`).split('`');
  return pieces.map((piece, index) => (index % 2 === 0 ? piece.replaceAll('<', String.raw`\<`) : piece)).join('`');
}

/** Between `<!-- name: ... -->` and `<!-- /name -->`. */
export function withSections(page: string, stated: Record<string, string>): string {
  return Object.entries(stated).reduce((text, [name, content]) => {
    const marked = new RegExp(String.raw`(<!-- ${name}: .*? -->\n\n)(?:[\s\S]*?\n\n)?(<!-- /${name} -->)`);
    expect(text, `the section ${name}`).toMatch(marked);
    return text.replace(marked, (_, before: string, after: string) => `${before}${content}\n\n${after}`);
  }, page);
}

export function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** The anchors that GitHub generates from headings. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
