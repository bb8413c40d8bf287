// What `npm test` runs, in this order, but none before those that it needs, and as many at a time as have room: `processors` is the
// share of the two that a stage keeps busy, 1 by default. Those that wait the most come first, and the unit tests, which never wait,
// fill what is left. A stage of many tests ends its output with the line `N passed, N failed`; any other counts as one. `needs`
// names stages that have to pass first; `optional` ones run only when asked for by --with or --only.
import path from 'node:path';
import { cacheFolder } from '../project.mjs';

const tally = ['--reporter=default', '--reporter=./scripts/test/tallyReporter.mjs'];
const packed = path.join(cacheFolder, 'ccr-vscode.vsix');

export const stages = [
  { name: 'modules', command: ['node', 'scripts/test/installModules.mjs'] },
  { name: 'programs', command: ['node', 'scripts/test/debianPrograms.mjs'], processors: 0.5 },
  { name: 'host', command: ['node', 'scripts/vscodeHost/install.mjs'], processors: 0.5 },
  // Packs, too: the tour takes the package, so that nothing writes to dist while other stages read it.
  {
    name: 'build',
    command: ['npm', 'run', '--silent', 'package', '--', '--out', packed],
    needs: ['modules'],
    processors: 0.5,
  },
  {
    name: 'ui',
    command: ['npm', 'run', '--silent', 'test:ui', '--', '--vsix', packed],
    needs: ['build', 'host', 'programs'],
    processors: 0.5,
  },
  { name: 'vscode', script: 'test:vscode', needs: ['build', 'host', 'programs'], processors: 0.5 },
  {
    name: 'e2e',
    command: ['npm', 'run', '--silent', 'test:e2e', '--', ...tally],
    needs: ['build', 'programs'],
    timeoutMinutes: 12,
  },
  { name: 'lint', script: 'lint', needs: ['modules'], processors: 0.5 },
  { name: 'format', script: 'format:check', needs: ['modules'], processors: 0.5 },
  { name: 'types', script: 'types', needs: ['modules'], processors: 0.5 },
  { name: 'knip', script: 'knip', needs: ['modules'], processors: 0.5 },
  { name: 'audit', script: 'audit', needs: ['build'], processors: 0.5 },
  {
    name: 'unit',
    command: ['npm', 'run', '--silent', 'test:unit', '--', ...tally],
    needs: ['modules'],
    timeoutMinutes: 12,
  },
  {
    name: 'clients',
    command: ['npm', 'run', '--silent', 'test:clients', '--', ...tally],
    needs: ['build', 'programs'],
    optional: true,
    processors: 2,
    timeoutMinutes: 10,
  },
];

/**
 * The stages to run: all but the optional ones, or those named and what they need.
 * @param {{ only?: string[], also?: string[] }} selection names of stages
 */
export function selectStages({ only = [], also = [] }) {
  const unknown = [...only, ...also].filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0)
    throw new Error(`No such stage: ${unknown.join(', ')}. There are: ${stages.map(({ name }) => name).join(', ')}`);
  const asked = (stage) => also.includes(stage.name) || (only.length > 0 ? only.includes(stage.name) : !stage.optional);
  const needed = new Set();
  const add = (name) => {
    needed.add(name);
    stages.find((stage) => stage.name === name).needs?.forEach(add);
  };
  for (const { name } of stages.filter(asked)) add(name);
  return stages.filter(({ name }) => needed.has(name));
}
