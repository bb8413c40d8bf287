// Runs in vitest, with registry.mjs in place of `vitest` in the tests: tries every mutant of one file with the tests that
// reach it. Its job is in the file that CCR_MUTATE names; it appends its results to the job's file, a line each.
import { appendFileSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { test } from '../../node_modules/vitest/dist/index.js';
import { collect, collectedTests, runTest } from './registry.mjs';

const { setTimeout: startTimer, clearTimeout: stopTimer, setImmediate: nextTurn } = globalThis;
/** The longest that one test may take; the slowest one takes a fraction. */
const testTimeoutMs = 4000;
/** Switches that one test may pass: a mutant whose loop never ends is stopped there. */
const mostSteps = 3_000_000;

/** @type {{ root: string, tests: string[], ids: number[], only?: number, results: string }} */
const job = JSON.parse(readFileSync(process.env.CCR_MUTATE, 'utf8'));
let active = job.only ?? 0;
let steps = 0;
let reached = new Set();

globalThis.$mutant = (id) => {
  if (++steps > mostSteps) throw new Error('The mutant does not end.');
  reached.add(id);
  return id === active;
};

test('mutants', { timeout: 3_600_000 }, async () => {
  appendFileSync(job.results, '');
  for (const file of job.tests) {
    await collect(file, () => import(path.join(job.root, file)));
    showLife();
  }
  const whileLoading = reached;
  const tests = collectedTests();
  if (job.only !== undefined) return report(job.only, (await failing(tests)) ? 'noticed' : 'survived');
  for (const each of tests) await learn(each);
  for (const id of job.ids) {
    if (whileLoading.has(id)) report(id, 'fixed while loading');
    else await tryMutant(id, tests);
  }
});

/** Runs a test without mutants: it has to pass, and what it reaches is learnt. */
async function learn(each) {
  reached = new Set();
  const start = performance.now();
  const failure = await failureOf(each);
  if (failure) throw new Error(`Without mutants "${each.name}" fails: ${failure.stack ?? failure}`);
  each.reached = reached;
  each.milliseconds = performance.now() - start;
  showLife();
}

/** A process whose file of results does not change is taken for one that hangs. */
function showLife() {
  utimesSync(job.results, new Date(), new Date());
}

async function tryMutant(id, tests) {
  const able = tests.filter((each) => each.reached.has(id)).sort((a, b) => costOf(a) - costOf(b));
  report(id, 'started');
  active = id;
  const found = await failing(able);
  active = 0;
  if (found) found.kills = (found.kills ?? 0) + 1;
  const files = [...new Set(able.map(({ file }) => file))];
  report(id, found ? 'noticed' : able.length === 0 ? 'not reached' : 'survived', found ? found.name : files);
}

/** Tests that have noticed others before come first, then fast ones. */
function costOf({ milliseconds, kills = 0 }) {
  return milliseconds / (1 + kills);
}

async function failing(tests) {
  for (const each of tests) {
    if (await failureOf(each)) return each;
    showLife();
  }
  return undefined;
}

async function failureOf(each) {
  steps = 0;
  let timer;
  const late = new Promise((_, reject) => {
    timer = startTimer(() => reject(new Error('The test takes too long.')), testTimeoutMs);
  });
  try {
    await Promise.race([runTest(each), late]);
    return undefined;
  } catch (error) {
    // What the test has left behind must not run with the next mutant.
    await new Promise((resolve) => nextTurn(resolve));
    return error;
  } finally {
    stopTimer(timer);
  }
}

function report(id, result, by) {
  appendFileSync(job.results, `${JSON.stringify({ id, result, by })}\n`);
}
