// Runs one stage of `npm test` and counts what passed.
import { stripVTControlCharacters } from 'node:util';
import { isWindows, projectRoot, toolsEnvironment } from '../project.mjs';
import { endGroup, exitCodeOf, startGroup } from '../processGroup.mjs';

const defaultTimeoutMinutes = 8;
/** How long a stage may take to end: one that drives VS Code has to end a browser and a server. */
export const stagePatienceMs = 20_000;
/** Lines of a stage's failures that are repeated at the end. */
const repeatedLines = 60;
/** Where Vitest and Mocha begin to describe what failed. */
const failuresStart = /^.*(?:Failed (?:Tests|Suites) \d+|Unhandled Errors|\d+ failing)\b.*$/m;
const tallyLine = /^(\d+) passed, (\d+) failed$/gm;

/**
 * Writes what the stage prints to `turn`. Resolves with `{ name, passed, failed, failures, seconds }`. Ends the stage after a time limit.
 */
export async function runStage({ name, script, command, timeoutMinutes = defaultTimeoutMinutes }, turn) {
  const startMs = performance.now();
  const [program, ...words] = command ?? ['npm', 'run', '--silent', script];
  const child = startGroup(program, words, {
    cwd: projectRoot,
    env: { ...toolsEnvironment(), ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: isWindows, // npm and vitest are .cmd files there
  });
  const timer = setTimeout(() => {
    turn.write(`${name} did not end within ${timeoutMinutes} minutes\n`);
    endGroup(child, { patienceMs: stagePatienceMs });
  }, timeoutMinutes * 60_000);
  const output = collectOutput(child, turn);
  const code = await exitCodeOf(child);
  clearTimeout(timer);
  await endGroup(child); // whatever the stage left running
  const counts = count(output.text(), code);
  const failures = counts.failed > 0 ? failuresIn(output.text()) : '';
  return { name, ...counts, failures, seconds: (performance.now() - startMs) / 1000 };
}

function collectOutput(child, turn) {
  const chunks = [];
  // Vitest describes failures on stderr.
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      chunks.push(chunk);
      turn.write(chunk);
    });
  return { text: () => stripVTControlCharacters(Buffer.concat(chunks).toString()) };
}

function count(text, code) {
  const last = [...text.matchAll(tallyLine)].at(-1);
  const [passed, failed] = last ? [Number(last[1]), Number(last[2])] : [code === 0 ? 1 : 0, 0];
  // A run can also fail outside its tests: by an unhandled error, or a file that does not load.
  return { passed, failed: code === 0 ? failed : Math.max(failed, 1) };
}

/** The part of the output that describes what failed, or its last lines. */
function failuresIn(text) {
  const start = text.search(failuresStart);
  const lines = (start < 0 ? text : text.slice(start)).trimEnd().split('\n');
  return (start < 0 ? lines.slice(-repeatedLines) : lines.slice(0, repeatedLines)).join('\n');
}
