// Mutation testing: puts small faults into a copy of the code, one at a time, and reports those that no test notices.
//   npm run mutate                            all targets (see mutate/targets.mjs)
//   npm run mutate -- --only src/server       the files whose path has this text
//   npm run mutate -- --protections           takes out each protection of mutate/protections.mjs instead
// All mutants of a file are in it at once, each behind a switch, so that the tests are loaded once. A mutant that makes
// tests hang counts as noticed. Survivors that mutate/equivalent.mjs explains do not count.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { equivalent } from './mutate/equivalent.mjs';
import { mutantsOf } from './mutate/mutants.mjs';
import { targets } from './mutate/targets.mjs';
import { tryProtections } from './mutate/tryProtections.mjs';
import { tryTarget } from './mutate/tryTarget.mjs';
import { onInterruption } from './processGroup.mjs';
import { cacheFolder, projectRoot } from './project.mjs';

const leastShare = 0.9;

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, protections: { type: 'boolean', default: false } },
});
const folder = copyProject();
onInterruption(() => process.exit(130));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.exitCode = (values.protections ? await tryProtections(values.only, folder) : await mutateAll()) ? 0 : 1;

/** Whether enough mutants of each target were noticed. */
async function mutateAll() {
  const reports = [];
  for (const target of targets.filter(({ file }) => file.includes(values.only))) reports.push(await mutate(target));
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(path.join(cacheFolder, 'mutation.json'), `${JSON.stringify(reports, undefined, 2)}\n`);
  console.log(`\n${reports.map(tableRow).join('\n')}`);
  return reports.every(({ share, unused }) => share >= leastShare && unused.length === 0);
}

async function mutate(target) {
  const { file } = target;
  const source = readFileSync(path.join(folder, file), 'utf8');
  const mutants = mutantsOf(source);
  const results = await tryTarget(target, mutants, folder);
  const explained = equivalent
    .filter((each) => each.file === file)
    .flatMap(({ mutants: names, ...each }) => names.map((name) => ({ ...each, mutants: [name] })));
  const surviving = mutants
    .filter(({ id }) => results.get(id).result !== 'noticed')
    .map((mutant) => ({
      line: source.split('\n')[mutant.line - 1].trim(),
      mutant: describe(mutant, source),
      number: mutant.line,
      result: results.get(mutant.id).result,
    }));
  const isExplained = (survivor) => explained.some((each) => isOf(each, survivor));
  const survivors = surviving.filter((survivor) => !isExplained(survivor));
  const unused = explained.filter((each) => !surviving.some((survivor) => isOf(each, survivor)));
  for (const { number, line, mutant, result } of survivors)
    console.log(`${file}:${number} ${result}: ${mutant}\n    ${line}`);
  for (const {
    line,
    mutants: [name],
  } of unused)
    console.log(`${file}: no such survivor: ${name}\n    ${line}`);
  const counted = mutants.length - surviving.length + survivors.length;
  const share = (counted - survivors.length) / counted;
  const report = {
    file,
    mutants: mutants.length,
    equivalent: surviving.length - survivors.length,
    share,
    survivors,
    unused,
  };
  console.log(tableRow(report));
  return report;
}

function isOf({ line, mutants }, survivor) {
  return line === survivor.line && mutants.includes(survivor.mutant);
}

function describe({ what, start, end, text }, source) {
  const shown = (piece) => piece.replaceAll(/\s+/g, ' ').slice(0, 70);
  return `${what}: ${shown(source.slice(start, end))} -> ${shown(text)}`;
}

function tableRow({ file, mutants, equivalent: same, share }) {
  return `${(100 * share).toFixed(1).padStart(5)} %  ${file.padEnd(32)} ${mutants} mutants, ${same} equivalent`;
}

/** The checkout itself never has a mutant in it. */
function copyProject() {
  const copy = mkdtempSync(path.join(tmpdir(), 'ccr-mutate-'));
  const left = new Set(['node_modules', '.git', '.cache', 'dist'].map((name) => path.join(projectRoot, name)));
  cpSync(projectRoot, copy, { recursive: true, filter: (from) => !left.has(from) });
  symlinkSync(path.join(projectRoot, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
  return copy;
}
