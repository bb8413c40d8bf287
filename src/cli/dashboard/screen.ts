import type { ReadStream, WriteStream } from 'node:tty';

export type ScreenTerminal = { input: ReadStream; output: WriteStream };

/** Takes the terminal's screen, and gives it back as it was. */
export type Screen = {
  /** Lines that changed are written, at once. */
  draw(lines: readonly string[]): void;
  size(): { columns: number; rows: number };
  close(): void;
};

const escape = '\u001B[';
/** The alternate screen; no cursor; no line wrapping. */
const enter = `${escape}?1049h${escape}?25l${escape}?7l`;
const leave = `${escape}0m${escape}?7h${escape}?25h${escape}?1049l`;
/** Terminals that know it show all of an update at once. */
const [begin, end] = [`${escape}?2026h`, `${escape}?2026l`];

/** A terminal that does not know its size. */
const usualSize = { columns: 80, rows: 24 };

/** A control sequence, as of an arrow key; Alt with a key; or a character. */
// oxlint-disable-next-line no-control-regex -- keys begin with them
const oneKey = /\u001B(?:\[[0-?]*[ -/]*[@-~]|O.|[^\u001B[O])?|[^]/gu;

/** The keys in what a terminal sends at once: several, if they are pressed faster than this process reads. */
export function keysIn(text: string): string[] {
  return text.match(oneKey) ?? [];
}

/**
 * Opens the screen. It is given back when the process ends, whatever ends it but SIGKILL. `onKey` gets each key as it arrives,
 * `onChange` is called when the screen has to be drawn again.
 */
export function openScreen(
  { input, output }: ScreenTerminal,
  { onKey, onChange, onGone }: { onKey(key: string): void; onChange(): void; onGone(): void },
): Screen {
  let drawn: string[] = [];
  let isOpen = false;

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    drawn = [];
    input.setRawMode(true);
    output.write(enter);
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    // The terminal may be gone already.
    try {
      input.setRawMode(false);
      output.write(leave);
    } catch {}
  }

  function resized(): void {
    drawn = [];
    output.write(`${escape}2J`);
    onChange();
  }

  /** Ctrl+Z, which raw mode passes on as a key. */
  function suspend(): void {
    close();
    process.once('SIGCONT', () => {
      open();
      onChange();
    });
    process.kill(process.pid, 'SIGTSTP');
  }

  const receive = (data: Buffer): void => {
    for (const key of keysIn(data.toString('utf8')))
      if (key === '\u001A') suspend();
      else onKey(key);
  };

  process.once('exit', close);
  output.on('resize', resized);
  for (const stream of [input, output]) stream.on('error', onGone);
  input.on('end', onGone);
  input.on('data', receive);
  open();

  return {
    draw(lines) {
      if (!isOpen) return;
      const changed = lines.flatMap((line, row) =>
        line === drawn[row] ? [] : [`${escape}${row + 1};1H${line}${escape}0m`],
      );
      drawn = [...lines];
      if (changed.length > 0) output.write(begin + changed.join('') + end);
    },
    size: () => ({ columns: output.columns || usualSize.columns, rows: output.rows || usualSize.rows }),
    close() {
      close();
      process.off('exit', close);
      output.off('resize', resized);
      input.off('data', receive);
      input.off('end', onGone);
      input.pause();
    },
  };
}
