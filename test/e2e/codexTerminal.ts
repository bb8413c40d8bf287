import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { endMark, openTerminal, type Terminal, type TerminalOptions } from './terminal.ts';

/** The screen after the answer, the list of warnings if there is one, and the screen after the end. */
export type CodexSession = { answered: string; warnings: string; ended: string; code: number };

/** Types a question into Codex's TUI, waits for the answer, and quits as a user would. */
export async function askInTerminal(
  options: TerminalOptions & { question: string; answer: RegExp },
): Promise<CodexSession> {
  const terminal = openTerminal(options);
  try {
    await terminal.shows(/^(?!.*\bloading\b).*^› /ms);
    const answered = await terminal.enter(options.question, options.answer);
    const warnings = await readWarnings(terminal, answered);
    const ended = await terminal.enter('/quit', endMark);
    return { answered, warnings, ended, code: Number(endMark.exec(ended)?.[1]) };
  } finally {
    terminal.close();
  }
}

/** 0.169 shows warnings after F2, one per page; earlier versions show them on the screen. */
async function readWarnings(terminal: Terminal, answered: string): Promise<string> {
  if (!answered.includes('f2 to view')) return '';
  terminal.press('F2');
  const pages = [await terminal.shows(/Warnings · 1 of \d+/)];
  const count = Number(/Warnings · 1 of (\d+)/.exec(pages[0] ?? '')?.[1]);
  for (let page = 2; page <= count; page += 1) {
    terminal.press('Right');
    pages.push(await terminal.shows(new RegExp(`Warnings · ${page} of`)));
  }
  terminal.press('Escape');
  // A key that follows at once would form an escape sequence with it.
  await terminal.shows(/^(?!.*Warnings · )/s);
  return pages.join('\n');
}

/** Trusts the workspace; otherwise Codex asks first. */
export function trustWorkspace(codexHome: string, workspace: string): void {
  const text = `[projects.${JSON.stringify(workspace)}]\ntrust_level = "trusted"\n`;
  writeFileSync(path.join(codexHome, 'config.toml'), text);
}
