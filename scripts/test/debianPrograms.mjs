// The programs that tests run against: a real Redis, real balancers, and the terminal of Codex's TUI. Installs all of them when it
// is run itself. Builtins only, Node 20 or newer.
import { fileURLToPath } from 'node:url';
import { findProgram, installFromDebian } from '../debian.mjs';

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
  for (const name of programs) console.log(`${name}: ${debianProgram(name) ?? 'missing: its tests are skipped'}`);
}
