// Bundles the suite that runs inside the extension host: its entries, and each *.suite.ts beside this file, to dist-test/.
// SUITES=chat,connect builds these alone.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from '../../scripts/project.mjs';

const outputFolder = path.join(projectRoot, 'dist-test');
/** What the extension host loads to run the tests, and to measure. */
export const testsEntry = path.join(outputFolder, 'index.cjs');
export const benchEntry = path.join(outputFolder, 'bench.cjs');

export async function buildHostTests() {
  const all = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.suite.ts'));
  const chosen = process.env.SUITES?.split(',').map((name) => `${name}.suite.ts`);
  const suites = chosen ? all.filter((name) => chosen.includes(name)) : all;
  rmSync(outputFolder, { recursive: true, force: true }); // so that a renamed suite does not run twice
  await build({
    entryPoints: ['index.ts', 'bench.ts', ...suites].map((name) => path.join(import.meta.dirname, name)),
    outdir: outputFolder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs', // an extension host loads its tests with `require`
    target: 'node22',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'], // mocha hands its `describe` to the suites through the one copy in node_modules
    logLevel: 'warning',
  });
}
