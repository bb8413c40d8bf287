// What is mutated, and the tests that have to notice. Of each target, the tests that reach a mutant are run.
const routingTests = ['test/unit/routing', 'test/unit/gateway'];
const gatewayTests = ['test/unit/gateway'];
const reasoningTests = ['test/unit/reasoning', 'test/unit/matrix/thinkTags.test.ts'];

/**
 * @typedef {object} Target
 * @property {string} file
 * @property {string[]} tests folders or files
 * @property {boolean} [keepsState] what the module keeps, such as a cache, could hide a mutant from tests that run one after
 *   the other: what survives is tried again in a process of its own
 */

/** @type {Target[]} */
export const targets = [
  ...of('src/routing', ['matchRoute', 'route', 'modelNames', 'matchIntent', 'intent', 'health', 'fit'], routingTests),
  { file: 'src/routing/rules.ts', tests: ['test/unit/routing/rules.test.ts'], keepsState: true },
  ...of('src/gateway', ['failover', 'failure', 'attempt', 'dispatcher', 'keyPool', 'scrub'], gatewayTests),
  ...of(
    'src/server',
    ['guard'],
    ['test/unit/server/guard.test.ts', 'test/unit/server/peerUser.test.ts', 'test/unit/server/address.test.ts'],
  ),
  ...of('src/reasoning', ['sealer'], ['test/unit/reasoning', 'test/unit/gateway/envelopes.test.ts']),
  ...of('src/reasoning', ['thinkTags'], reasoningTests),
];

function of(folder, names, tests) {
  return names.map((name) => ({ file: `${folder}/${name}.ts`, tests }));
}
