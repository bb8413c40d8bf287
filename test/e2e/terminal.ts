import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { clientEnvironment } from './codex.ts';

/** Pseudo-terminals come from util-linux's `script`, which every Linux has. */
export const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script');

export type TerminalRun = {
  /** A shell command. */
  command: string;
  workspace: string;
  home: string;
  environment?: Record<string, string>;
  /**
   * What must come from the program, escape sequences included; then its terminal is closed. Wait for a window title: it
   * comes in one piece, while Codex draws words letter by letter.
   */
  until: RegExp;
  timeoutMs?: number;
};

/** Runs an interactive program on a terminal of its own and gives all that it wrote, or what came before the timeout. */
export async function runInTerminal(run: TerminalRun): Promise<string> {
  const child = spawn('script', ['-qfec', `stty cols 120 rows 40; ${run.command}`, '/dev/null'], {
    cwd: run.workspace,
    env: { TERM: 'xterm-256color', SHELL: '/bin/bash', ...clientEnvironment(run) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // Ends the program, too: a terminal that closes hangs it up.
  const close = (): boolean => child.kill('SIGKILL');
  const timer = setTimeout(close, run.timeoutMs ?? 30_000);
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
    if (run.until.test(written)) close();
  });
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  clearTimeout(timer);
  return written;
}
