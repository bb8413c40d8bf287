// What `npm test` runs, in this order. A stage of many tests ends its output with the line `N passed, N failed`; any other
// counts as one. `needs` names stages that have to pass first; `optional` ones run only when asked for by --with or --only.
const tally = ['--reporter=default', '--reporter=./scripts/test/tallyReporter.mjs'];

export const stages = [
  { name: 'lint', script: 'lint' },
  { name: 'format', script: 'format:check' },
  { name: 'types', script: 'types' },
  { name: 'knip', script: 'knip' },
  { name: 'build', script: 'build' },
  { name: 'audit', script: 'audit', needs: ['build'] },
  { name: 'unit', command: ['npm', 'run', '-s', 'test:unit', '--', ...tally] },
  { name: 'e2e', command: ['npm', 'run', '-s', 'test:e2e', '--', ...tally], needs: ['build'], usesTerminal: true },
  { name: 'vscode', script: 'test:vscode', needs: ['build'], usesHost: true },
  { name: 'ui', script: 'test:ui', needs: ['build'], usesHost: true },
  {
    name: 'clients',
    command: ['npm', 'run', '--silent', 'test:clients', '--', ...tally],
    needs: ['build'],
    usesTerminal: true,
    optional: true,
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
  const needed = new Set(stages.filter(asked).flatMap(({ needs = [] }) => needs));
  return stages.filter((stage) => asked(stage) || needed.has(stage.name));
}
