// Types into the focused integrated terminal. Results are read from files that the sandbox's shell writes, since lines on
// the screen wrap and scroll.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodesFile } from '../sandbox.mjs';

const openTimeoutMs = 20_000;
const pollMs = 100;

/** Waits for the active terminal's prompt. Needs the setting terminal.integrated.gpuAcceleration "off". */
export async function openTerminal(page, { home }) {
  const active = page.locator('.terminal-wrapper.active');
  await active.locator('.xterm-rows > div', { hasText: /\S/ }).first().waitFor({ timeout: openTimeoutMs });

  /** Runs a command whose output stays on the screen. Resolves with its exit code. */
  async function run(command, { timeoutMs = 30_000 } = {}) {
    const before = exitCodes(home).length;
    await type(command);
    const deadline = Date.now() + timeoutMs;
    while (exitCodes(home).length <= before) {
      if (Date.now() > deadline)
        throw new Error(`\`${command}\` did not end within ${timeoutMs} ms:\n${await screen()}`);
      await sleep(pollMs);
    }
    return exitCodes(home).at(-1);
  }

  /** Runs a command and resolves with its exit code and all that it printed, which does not show on the screen. */
  async function read(command, options) {
    const exitCode = await run(`${command} >~/output 2>&1`, options);
    return { exitCode, text: readFileSync(path.join(home, 'output'), 'utf8') };
  }

  async function type(line) {
    await active.locator('.xterm').first().click(); // the second is the sticky scroll
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
  }

  /** What is on the terminal's screen. */
  async function screen() {
    const rows = await active.locator('.xterm-rows > div').allInnerTexts();
    return rows.join('\n').replaceAll('\u00A0', ' ').trimEnd();
  }

  return { run, read, type, screen };
}

/** The exit codes of all commands, in any terminal. The first line comes from the first prompt. */
function exitCodes(home) {
  const file = path.join(home, exitCodesFile);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number) : [];
}
