// Named checks. A failure does not end the run; the results are counted at the end.

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @param {{ clock?: () => number, onFailure?: (name: string) => Promise<void> }} options `clock` in ms
 * @returns `check(name, action)`, which passes when the action does not throw, and `finish()`, which prints the tally as
 * the last line and returns the exit code
 */
export function createChecks({ clock = Date.now, onFailure = async () => undefined } = {}) {
  const tally = { passed: 0, failed: 0 };

  async function check(name, action) {
    const start = clock();
    const problem = await problemOf(action);
    const duration = `${((clock() - start) / 1000).toFixed(1)} s`;
    if (problem === undefined) {
      tally.passed += 1;
      console.log(`  ✔ ${name} (${duration})`);
      return;
    }
    tally.failed += 1;
    console.log(`  ✘ ${name} (${duration})\n${indent(problem)}`);
    await onFailure(name);
  }

  function finish() {
    console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
    return tally.failed === 0 ? 0 : 1;
  }

  return { check, finish };
}

const pollMs = 200;
const patienceMs = 20_000;

/** Repeats `action` until it passes. Fails with its last error after the time limit. */
export async function eventually(action, patience = patienceMs) {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(pollMs);
    }
  }
}

async function problemOf(action) {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error.stack ?? String(error);
  }
}

function indent(text) {
  return text.replaceAll(/^/gm, '      ');
}
