// `npm test`, on a fresh clone too. Builtins only, Node 20 or newer: it does its own set-up.
//   npm test                      everything but the optional stages (see test/stages.mjs)
//   npm test -- --only unit,ui    these stages and what they need
//   npm test -- --with clients    an optional stage too
//   npm test -- --full            the whole test matrix instead of a sample (test/unit/matrix/sampling.ts)
// The last line is the total, `N passed, N failed`.
import { parseArgs } from 'node:util';
import { endAllGroups, interruption } from './processGroup.mjs';
import { runStage, stagePatienceMs } from './test/runStage.mjs';
import { selectStages } from './test/stages.mjs';
import { createTurns } from './test/turns.mjs';

/** What the shares in stages.mjs are of. */
const processors = 2;

try {
  process.exitCode = await test(readOptions());
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

function readOptions() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, with: { type: 'string' }, full: { type: 'boolean' } },
  });
  return { only: values.only?.split(','), also: values.with?.split(','), full: values.full };
}

async function test(selection) {
  const selected = selectStages(selection);
  if (selection.full) process.env.CCR_MATRIX = 'full';
  let isInterrupted = false;
  interruption().then(() => {
    isInterrupted = true;
    endAllGroups({ patienceMs: stagePatienceMs });
  });
  const results = await runStages(selected, () => isInterrupted);
  return isInterrupted ? 130 : summarize(results);
}

/** Runs the stages in their order, as many at a time as have room on the processors. Resolves with their results in the order of `selected`. */
async function runStages(selected, isInterrupted) {
  const openTurn = createTurns(process.stdout);
  const waiting = [...selected];
  const results = [];
  const hasEnded = (name) => results.some((result) => result.name === name);
  const wouldWait = ({ needs = [] }) => needs.some((name) => !hasEnded(name));
  const running = new Map();
  const run = async (stage) => {
    const turn = openTurn();
    turn.write(`\n── ${stage.name} ${'─'.repeat(60 - stage.name.length)}\n`);
    results.push(isBlocked(stage, results) ? skip(stage, turn) : await runStage(stage, turn));
    turn.end();
    running.delete(stage);
  };
  while (waiting.length + running.size > 0) {
    const next = isInterrupted() ? undefined : waiting.find((stage) => !wouldWait(stage));
    const used = [...running.keys()].reduce((sum, { processors = 1 }) => sum + processors, 0);
    if (next && used + (next.processors ?? 1) <= processors) {
      waiting.splice(waiting.indexOf(next), 1);
      running.set(next, run(next));
    } else if (running.size > 0) await Promise.race(running.values());
    else break;
  }
  return selected.map(({ name }) => results.find((result) => result.name === name)).filter(Boolean);
}

function isBlocked({ needs = [] }, results) {
  return results.some(({ name, failed }) => needs.includes(name) && failed > 0);
}

function skip({ name, needs }, output) {
  output.write(`not run: it needs ${needs.join(', ')}\n`);
  return { name, passed: 0, failed: 1, seconds: 0 };
}

function summarize(results) {
  const sum = (pick) => results.reduce((total, result) => total + pick(result), 0);
  const [passed, failed] = [sum((result) => result.passed), sum((result) => result.failed)];
  const seconds = sum((result) => result.seconds);
  // Repeated here, where a log that keeps only its end still has them.
  for (const { name, failures } of results) if (failures) console.log(`\nFailed in ${name}:\n${failures}`);
  console.log(`\n${[...results, { name: 'total', passed, failed, seconds }].map(tableRow).join('\n')}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function tableRow({ name, passed, failed, seconds }) {
  const columns = [
    String(passed).padStart(6),
    'passed',
    String(failed).padStart(6),
    'failed',
    `${seconds.toFixed(1)} s`.padStart(9),
  ];
  return `${failed === 0 ? '✔' : '✘'} ${name.padEnd(10)}${columns.join(' ')}`;
}
