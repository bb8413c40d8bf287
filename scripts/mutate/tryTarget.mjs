// Tries the mutants of one file, in a process that is replaced when a mutant hangs it.
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endGroup, exitCodeOf, startGroup } from '../processGroup.mjs';
import { pinnedNode } from '../project.mjs';
import { withSwitches } from './mutants.mjs';

/** Without a sign of life for this long, a mutant hangs: longer than any test, or the loading of one file of them. */
const patienceMs = 12_000;

/**
 * @param {import('./targets.mjs').Target} target
 * @param {import('./mutants.mjs').Mutant[]} mutants
 * @param {string} folder a copy of the project, in which the file is replaced
 * @returns {Promise<Map<number, { result: string, by?: string }>>} by the mutant's id
 */
export async function tryTarget({ file, tests, keepsState = false }, mutants, folder) {
  const place = path.join(folder, file);
  const source = readFileSync(place, 'utf8');
  const job = {
    root: folder,
    tests: tests.flatMap((each) => filesOfTests(folder, each)),
    results: path.join(folder, 'results.jsonl'),
  };
  rmSync(job.results, { force: true });
  writeFileSync(place, withSwitches(source, mutants));
  try {
    const ids = mutants.map(({ id }) => id);
    for (let left = ids; left.length > 0; left = without(ids, readResults(job.results))) {
      const before = readResults(job.results).size;
      const output = await run(folder, { ...job, ids: left });
      const hanging = [...readResults(job.results)].find(([, { result }]) => result === 'started');
      if (hanging)
        appendFileSync(job.results, `${JSON.stringify({ id: hanging[0], result: 'noticed', by: 'a hang' })}\n`);
      else if (readResults(job.results).size === before)
        throw new Error(`No mutant of ${file} could be tried.\n${output}`);
    }
    for (const [id, { result, by }] of readResults(job.results)) {
      if (result === 'fixed while loading') await runAlone(folder, job, id);
      if (result === 'survived' && keepsState) await runAlone(folder, { ...job, tests: by }, id);
    }
    return readResults(job.results);
  } finally {
    writeFileSync(place, source);
  }
}

/** Runs a mutant from the start of a process of its own: one that has an effect while the module loads, for example. */
async function runAlone(folder, job, id) {
  const { size } = statSync(job.results);
  await run(folder, { ...job, only: id });
  // A file that does not load fails all of its tests.
  if (statSync(job.results).size === size)
    appendFileSync(job.results, `${JSON.stringify({ id, result: 'noticed', by: 'loading' })}\n`);
}

async function run(folder, job) {
  const file = path.join(folder, 'job.json');
  writeFileSync(file, JSON.stringify(job));
  const words = [
    path.join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    'scripts/mutate/vitest.config.mjs',
  ];
  // Some mutants collect without end: they run out of memory before the machine does.
  const environment = { ...process.env, CCR_MUTATE: file, NODE_OPTIONS: '--max-old-space-size=2000', UPDATE: '' };
  const child = startGroup(pinnedNode, words, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-8000)));
  const watch = setInterval(
    () => quietMs(job.results, child.startedMs) > patienceMs && endGroup(child, { patienceMs: 500 }),
    1000,
  );
  child.startedMs = Date.now();
  await exitCodeOf(child);
  clearInterval(watch);
  await endGroup(child, { patienceMs: 500 });
  return output;
}

function quietMs(results, startedMs) {
  const changedMs = existsSync(results) ? statSync(results).mtimeMs : 0;
  return Date.now() - Math.max(changedMs, startedMs);
}

/** The last result of each mutant. */
function readResults(file) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return new Map(lines.map((line) => JSON.parse(line)).map(({ id, ...result }) => [id, result]));
}

function without(ids, results) {
  return ids.filter((id) => !results.has(id));
}

function filesOfTests(folder, place) {
  if (place.endsWith('.ts')) return [place];
  const names = readdirSync(path.join(folder, place), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => path.join(place, name));
}
