// The terminal in which Codex's TUI is tested (test/e2e/terminal.ts).
import { spawnSync } from 'node:child_process';
import { installFromDebian } from '../debian.mjs';

/** Installs tmux if it is missing and can be installed. Never fails: without tmux those tests are skipped. */
export function ensureTmux() {
  if (hasTmux()) return;
  try {
    installFromDebian('tmux');
  } catch (error) {
    console.warn(error.message);
  }
  if (!hasTmux()) console.warn('tmux is missing: skipping the tests of Codex in a terminal.');
}

function hasTmux() {
  return spawnSync('tmux', ['-V']).status === 0;
}
