// The programs that tests run against: a real Redis, real balancers, and the terminal of Codex's TUI. When it is run itself, it
// installs all of them and a browser, at once: apt takes longer to read its lists than to install one. Builtins only, Node 20 or newer.
import { fileURLToPath } from 'node:url';
import { findProgram, installFromDebian } from '../debian.mjs';
import { findChromium } from '../vscodeHost/chromium.mjs';

const programs = ['redis-server', 'nginx', 'haproxy', 'tmux'];

/**
 * The path of a program, installed if it is missing and can be.
 * @returns undefined if it is missing: its tests are skipped
 */
export function debianProgram(name) {
  if (!findProgram([name])) {
    try {
      installFromDebian(name);
    } catch (error) {
      console.warn(error.message);
    }
  }
  return findProgram([name]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = programs.filter((name) => !findProgram([name]));
  if (!findChromium()) missing.push('chromium');
  try {
    if (missing.length > 0) installFromDebian(...missing);
  } catch {
    // Perhaps one of them: below, each is installed by itself.
  }
  for (const name of programs) console.log(`${name}: ${debianProgram(name) ?? 'missing: its tests are skipped'}`);
  console.log(`Chromium: ${findChromium() ?? 'missing'}`);
}
