/**
 * Tells whether the end of a text that arrives in pieces is quoted as code: within a fence of three or more backticks or
 * tildes, or after an odd number of backticks in its line. Such markup is an example, not an instruction.
 */
export type Quotation = { push(text: string): void; isOpen(): boolean };

const fenceLine = /^\s*(`{3,}|~{3,})/;

/** Text that was not scanned yet: most of it never has to be. Characters. */
const maxUnread = 8192;

export function trackQuotation(): Quotation {
  let fence = '';
  let line = '';
  let unread = '';

  function endLine(): void {
    const [, mark = ''] = fenceLine.exec(line) ?? [];
    if (fence === '') fence = mark;
    else if (mark.startsWith(fence)) fence = '';
    line = '';
  }

  function read(): void {
    const lines = unread.split('\n');
    unread = '';
    for (const [index, part] of lines.entries()) {
      if (index > 0) endLine();
      line += part;
    }
  }

  return {
    push(text) {
      unread += text;
      if (unread.length > maxUnread) read();
    },
    isOpen() {
      read();
      if (fence !== '' || fenceLine.test(line)) return true;
      return (line.match(/`/g)?.length ?? 0) % 2 === 1;
    },
  };
}
