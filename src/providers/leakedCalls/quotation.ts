/**
 * Tells whether the end of a text that arrives in pieces is quoted as code: within a fence of three or more backticks or
 * tildes, or behind an odd number of backticks in its line. Markup in there is talked about, not meant.
 */
export type Quotation = { push(text: string): void; isOpen(): boolean };

const fenceLine = /^\s*(`{3,}|~{3,})/;

export function trackQuotation(): Quotation {
  let fence = '';
  let line = '';

  function endLine(): void {
    const [, mark = ''] = fenceLine.exec(line) ?? [];
    if (fence === '') fence = mark;
    else if (mark.startsWith(fence)) fence = '';
    line = '';
  }

  return {
    push(text) {
      const lines = text.split('\n');
      for (const [index, part] of lines.entries()) {
        if (index > 0) endLine();
        line += part;
      }
    },
    isOpen() {
      if (fence !== '' || fenceLine.test(line)) return true;
      return (line.match(/`/g)?.length ?? 0) % 2 === 1;
    },
  };
}
