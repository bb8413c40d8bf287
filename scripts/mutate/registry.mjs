// Stands in for `vitest` in the files of tests: it collects their tests, so that they can be run many times in one process.
// What is not about collecting is vitest's own.
export * from '../../node_modules/vitest/dist/index.js';

const root = createSuite(undefined);
let current = root;
let currentFile = '';

function createSuite(parent) {
  return { parent, tests: [], suites: [], beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
}

function addSuite(_name, ...rest) {
  const suite = createSuite(current);
  current.suites.push(suite);
  current = suite;
  const collected = functionIn(rest)();
  if (collected instanceof Promise) throw new Error('describe() with an async function is not supported here.');
  current = suite.parent;
}

function addTest(name, ...rest) {
  current.tests.push({ name, file: currentFile, suite: current, run: functionIn(rest) });
}

/** vitest takes options before the function or after it. */
function functionIn(rest) {
  return rest.find((each) => typeof each === 'function');
}

function collector(add) {
  const ignore = () => undefined;
  return Object.assign(add, {
    each:
      (rows) =>
      (name, ...rest) => {
        const run = functionIn(rest);
        for (const row of rows) add(name, () => (Array.isArray(row) ? run(...row) : run(row)));
      },
    skip: ignore,
    skipIf: (isSkipped) => (isSkipped ? ignore : add),
    runIf: (isRun) => (isRun ? add : ignore),
  });
}

export const describe = collector(addSuite);
export const test = collector(addTest);
export const it = collector(addTest);
export const beforeAll = (run) => void current.beforeAll.push(run);
export const afterAll = (run) => void current.afterAll.push(run);
export const beforeEach = (run) => void current.beforeEach.push(run);
export const afterEach = (run) => void current.afterEach.push(run);

/** Imports a file of tests. Its hooks apply to its own tests only. */
export async function collect(name, load) {
  const file = createSuite(root);
  root.suites.push(file);
  current = file;
  currentFile = name;
  await load();
  current = root;
}

/** @returns {{ name: string, file: string, suite: object, run: () => unknown }[]} */
export function collectedTests(suite = root) {
  return [...suite.tests, ...suite.suites.flatMap((each) => collectedTests(each))];
}

/** Runs one test with all hooks around it. Throws what it or a hook throws. */
export async function runTest({ suite, run }) {
  const suites = [];
  for (let each = suite; each; each = each.parent) suites.unshift(each);
  const undo = [];
  try {
    for (const name of ['beforeAll', 'beforeEach'])
      for (const each of suites)
        for (const hook of each[name]) {
          const after = await hook();
          if (typeof after === 'function') undo.unshift(after);
        }
    await run();
  } finally {
    for (const name of ['afterEach', 'afterAll'])
      for (const each of suites.toReversed()) for (const hook of each[name].toReversed()) await hook();
    for (const after of undo) await after();
  }
}
