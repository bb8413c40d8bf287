// Bundles the entries of the product, what they load on demand, and the dashboard's page, with source maps. `--watch` rebuilds on change.
import { readFileSync, writeFileSync } from 'node:fs';
import { build, context } from 'esbuild';
import { writeBom } from './scripts/bundle/bom.mjs';
import { escapeCharacters } from './scripts/bundle/escapeCharacters.mjs';
import { writtenExtension } from './scripts/bundle/extension.mjs';
import { licenceProblems } from './scripts/bundle/licences.mjs';
import { writeNotices } from './scripts/bundle/notices.mjs';
import { pageOptions } from './scripts/bundle/page.mjs';
import { bundledPackages } from './scripts/bundle/packages.mjs';

/**
 * With CCR_SOURCE_MAPS set, stack traces name files of src. Node reads the map of a file only when it loads the file after
 * maps were enabled, so each bundle loads itself a second time.
 */
const enableSourceMaps = `if (process.env.CCR_SOURCE_MAPS && process.sourceMapsEnabled === false) {
  process.setSourceMapsEnabled(true);
  delete require.cache[__filename];
  module.exports = require(__filename);
  return;
}`;

/** An unexpected error prints the source line it came from; without a limit that would be the whole program. */
const lineLimit = 160;

/** What is loaded on demand is a bundle of its own, beside the one that loads it. `require` finds it there. */
const onDemand = {
  name: 'on-demand',
  setup(build) {
    build.onResolve({ filter: /\/(otlp|mcpServer)\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: path.replace(/.*\/(\w+)\.ts$/, './$1.js'), external: true } : undefined,
    );
  },
};

const options = {
  entryPoints: {
    gatewayThread: 'src/gatewayThread.ts',
    cli: 'src/cli.ts',
    otlp: 'src/server/telemetry/otlp.ts',
    mcpServer: 'src/cli/mcpServer.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node22.19',
  format: 'cjs',
  // Some packages' main file is UMD, whose `require` calls can't be bundled.
  mainFields: ['module', 'main'],
  plugins: [onDemand, escapeCharacters],
  supported: { 'dynamic-import': false },
  minify: true,
  sourcemap: 'linked',
  banner: { js: enableSourceMaps },
  lineLimit,
  legalComments: 'none',
  logLevel: 'warning',
};

/** Writes what must ship with the code of bundled packages: their licences, and a list of them. */
function describePackages(metafile) {
  const packages = bundledPackages(metafile, import.meta.dirname);
  const problems = licenceProblems(packages);
  if (problems.length > 0) throw new Error(`These packages can't be bundled.\n${problems.join('\n')}`);
  const product = JSON.parse(readFileSync('package.json', 'utf8'));
  writeFileSync('dist/THIRD_PARTY_NOTICES.txt', writeNotices(packages));
  writeFileSync('dist/bom.cdx.json', writeBom(product, packages));
}

const builds = [options, writtenExtension({ banner: enableSourceMaps, lineLimit }), pageOptions];
if (process.argv.includes('--watch')) for (const each of builds) await (await context(each)).watch();
else {
  const built = await Promise.all(builds.map((each) => build({ ...each, metafile: true })));
  const [inputs, outputs] = ['inputs', 'outputs'].map((part) =>
    Object.assign({}, ...built.map(({ metafile }) => metafile[part])),
  );
  describePackages({ inputs, outputs });
}
