import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { clientEnvironment } from './codex.ts';

/** tmux is a real terminal: it answers queries for the cursor position, without which Codex 0.98 does not start. */
export const hasTerminal = spawnSync('tmux', ['-V']).status === 0;

export type TerminalOptions = {
  /** The program and its arguments. */
  command: readonly string[];
  workspace: string;
  home: string;
  environment?: Record<string, string>;
  /** 120 columns and 40 rows by default. */
  size?: { columns: number; rows: number };
};

export type Terminal = {
  /** The screen, without trailing spaces. */
  screen: () => string;
  /** The same with the escape sequences of colours. */
  coloured: () => string;
  resize: (columns: number, rows: number) => void;
  /** The process that runs in the terminal below the shell. */
  send: (signal: 'TERM' | 'KILL' | 'USR2') => void;
  /** Waits until this is on the screen, and returns the screen. Throws with the screen after a timeout. */
  shows: (what: RegExp) => Promise<string>;
  /** Pastes a line, presses Enter when it shows, waits for the answer, and returns the screen. */
  enter: (line: string, answer: RegExp) => Promise<string>;
  /** Presses a key, by its tmux name: `F2`, `Escape`, `C-c`. */
  press: (key: string) => void;
  /** Ends the program and the terminal. */
  close: () => void;
};

const timeoutMs = 30_000;
const enterAgainMs = 1000;
/** Each look at the screen starts a process. */
const pollMs = 100;
let opened = 0;

// Keeps the screen after the program ends. Not with tmux's remain-on-exit, which misses some exits in 3.3a.
const runAndWait = `"$0" "$@"; printf '\\n[ended with %d]' $?; read -r line`;
/** Shown below the program's output when it has ended, with its exit code. */
export const endMark = /\[ended with (\d+)\]/;

/** Starts an interactive program in a terminal, in its own tmux server. */
export function openTerminal({ command, workspace, home, environment = {}, size }: TerminalOptions): Terminal {
  opened += 1;
  const server = ['-L', `ccr-${process.pid}-${opened}`, '-f', '/dev/null'];
  // tmux's own server starts with it, and passes it on.
  const env = { SHELL: '/bin/bash', LANG: 'C.UTF-8', ...clientEnvironment({ home, environment }) };
  const tmux = (...words: string[]): string =>
    execFileSync('tmux', [...server, ...words], { cwd: workspace, env, encoding: 'utf8', stdio: 'pipe' });
  const screen = (): string => tmux('capture-pane', '-p').trimEnd();

  async function poll<T>(what: string, find: () => T | undefined): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`${what} in ${timeoutMs} ms. The screen:\n${screen()}`);
      await wait(pollMs);
    }
  }

  async function shows(what: RegExp): Promise<string> {
    return poll(`No ${String(what)}`, () => {
      const text = screen();
      return what.test(text) ? text : undefined;
    });
  }

  const { columns = 120, rows = 40 } = size ?? {};
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh', '-c', runAndWait, ...command);
  return {
    screen,
    coloured: () => tmux('capture-pane', '-p', '-e'),
    resize: (wide, high) => void tmux('resize-window', '-x', String(wide), '-y', String(high)),
    send: (signal) => {
      const shell = tmux('display-message', '-p', '#{pane_pid}').trim();
      const children = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ');
      for (const child of children) process.kill(Number(child), `SIG${signal}`);
    },
    shows,
    enter: async (line, answer) => {
      // As a bracketed paste: Codex takes an Enter right after fast keys as part of the text.
      tmux('set-buffer', line, ';', 'paste-buffer', '-p');
      await poll(`"${line}" does not show`, () => screen().includes(line) || undefined);
      let pressed = -Infinity;
      return poll(`No ${String(answer)}`, () => {
        const text = screen();
        if (answer.test(text)) return text;
        // Repeated, because Codex 0.155 ignores keys while it starts.
        if (Date.now() - pressed > enterAgainMs) {
          tmux('send-keys', 'Enter');
          pressed = Date.now();
        }
        return undefined;
      });
    },
    press: (key) => void tmux('send-keys', key),
    close: () => void tmux('kill-server'),
  };
}
