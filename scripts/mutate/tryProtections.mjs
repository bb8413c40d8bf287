// Takes out each protection and runs its tests, which have to fail.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exitCodeOf, startGroup } from '../processGroup.mjs';
import { pinnedNode } from '../project.mjs';
import { protections } from './protections.mjs';

/**
 * Whether each one is noticed, and all tests pass with it.
 * @param {string} only a text in the file's path
 * @param {string} folder a copy of the project
 */
export async function tryProtections(only, folder) {
  let left = 0;
  const chosen = protections.filter(({ file }) => file.includes(only));
  const tests = [...new Set(chosen.map((each) => each.tests))];
  if (!(await passes(tests, folder))) throw new Error('The tests fail as it is.');
  for (const { against, file, rule, without, tests: own } of chosen) {
    const place = path.join(folder, file);
    const source = readFileSync(place, 'utf8');
    if (source.split(rule).length !== 2) throw new Error(`${file} has this rule not once: ${rule}`);
    writeFileSync(
      place,
      source.replace(rule, () => without),
    );
    const isNoticed = !(await passes([own], folder));
    writeFileSync(place, source);
    console.log(`${isNoticed ? 'tested    ' : 'NOT TESTED'} ${against} (${file}, ${own})`);
    if (!isNoticed) left++;
  }
  console.log(`\n${chosen.length - left} of ${chosen.length} protections are tested`);
  return left === 0;
}

async function passes(tests, folder) {
  const vitest = path.join('node_modules', 'vitest', 'vitest.mjs');
  const words = [vitest, 'run', '--config', 'test/vitest.config.mts', '--project', 'unit', '--bail', '1', ...tests];
  const environment = { ...process.env, NODE_OPTIONS: '--max-old-space-size=2000', UPDATE: '' };
  const child = startGroup(pinnedNode, words, { cwd: folder, env: environment, stdio: 'ignore' });
  return (await exitCodeOf(child)) === 0;
}
