/**
 * Tells whether the end of a text that arrives in pieces is quoted as code: within a fence of three or more backticks or
 * tildes, or after an odd number of backticks in its line. Such markup is an example, not an instruction.
 */
export type Quotation = { push(text: string): void; isOpen(): boolean };

/** Text that was not scanned yet: that of most answers never has to be, since no tag comes. Characters. */
const maxUnread = 1024 * 1024;

/** A run of backticks or tildes at the beginning of a line. Three and more are a fence. */
type Mark = { char: string; length: number };

export function trackQuotation(): Quotation {
  let fence: Mark | undefined;
  let line = createLine();
  let unread = '';

  function endLine(): void {
    const mark = line.fence();
    if (!fence) fence = mark;
    else if (mark && mark.char === fence.char && mark.length >= fence.length) fence = undefined;
    line = createLine();
  }

  function read(): void {
    const lines = unread.split('\n');
    unread = '';
    for (const [index, part] of lines.entries()) {
      if (index > 0) endLine();
      line.push(part);
    }
  }

  return {
    push(text) {
      unread += text;
      if (unread.length > maxUnread) read();
    },
    isOpen() {
      read();
      return fence !== undefined || line.fence() !== undefined || line.ticks() % 2 === 1;
    },
  };
}

/** What is to be known of a line, which may be a whole book: each of its pieces is read once. */
function createLine() {
  const mark: Mark = { char: '', length: 0 };
  let isMarkOver = false;
  let ticks = 0;

  function readMark(part: string): void {
    for (const char of part) {
      if (mark.length === 0 && char.trim() === '') continue;
      isMarkOver = (char !== '`' && char !== '~') || (mark.length > 0 && char !== mark.char);
      if (isMarkOver) return;
      mark.char = char;
      mark.length++;
    }
  }

  return {
    push(part: string): void {
      if (!isMarkOver) readMark(part);
      for (let at = part.indexOf('`'); at >= 0; at = part.indexOf('`', at + 1)) ticks++;
    },
    fence: (): Mark | undefined => (mark.length >= 3 ? mark : undefined),
    ticks: (): number => ticks,
  };
}
