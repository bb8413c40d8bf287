// What is mutated, and the tests that have to notice. Of each target, the tests that reach a mutant are run.
const routingTests = ['test/unit/routing', 'test/unit/gateway/intent.test.ts'];
const failoverTests = gateway('failover attemptsMade failure waitText keys remedies circuits quota');
const attemptTests = gateway(
  'attempt timeLimits refusals quota errorBodies release besideText relay scrub unwritableReply surfaces strangeCalls remedies',
  'lostParameters learntOpeners messages foreignHistory providerSwitch makersFields transforms promptFilter gateway compaction',
);
const guardTests = ['guard', 'peerUser', 'address'].map((name) => `test/unit/server/${name}.test.ts`);
const reasoningTests = ['test/unit/reasoning', 'test/unit/matrix/thinkTags.test.ts'];
const sealerTests = ['test/unit/reasoning', ...gateway('envelopes')];

/**
 * @typedef {object} Target
 * @property {string} file
 * @property {string[]} tests folders or files
 * @property {boolean} [keepsState] what the module keeps, such as a cache, could hide a mutant from tests that run one after
 *   the other: what survives is tried again in a process of its own
 */

/** @type {Target[]} */
export const targets = [
  ...of('src/routing', 'matchRoute modelNames matchIntent intent fit', routingTests),
  ...of('src/routing', 'route health', [
    ...routingTests,
    ...gateway('circuits quota'),
    ...['targetHealth', 'keptCooldowns', 'keptQuotas'].map((name) => `test/unit/server/${name}.test.ts`),
  ]),
  ...of('src/config', 'variables', ['test/unit/config/variables.test.ts', 'test/unit/config/load.test.ts']),
  { file: 'src/routing/rules.ts', tests: ['test/unit/routing/rules.test.ts'], keepsState: true },
  ...of('src/gateway', 'failover recordedAttempt failure', failoverTests),
  ...of('src/gateway', 'backoff', gateway('backoff failover')),
  ...of('src/gateway', 'attempt', attemptTests),
  ...of('src/gateway', 'keyPool', gateway('keyPool keys attemptsMade quota')),
  ...of('src/gateway', 'scrub', gateway('scrub attempt scrubbing')),
  ...of('src/server', 'guard', guardTests),
  ...of('src/reasoning', 'sealer', sealerTests),
  ...of('src/reasoning', 'thinkTags', reasoningTests),
];

function of(folder, names, tests) {
  return names.split(' ').map((name) => ({ file: `${folder}/${name}.ts`, tests }));
}

function gateway(...names) {
  return names.flatMap((each) => each.split(' ').map((name) => `test/unit/gateway/${name}.test.ts`));
}
