// Bundles the three entries of the product, with source maps. `--watch` rebuilds on change.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, context } from 'esbuild';

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

const options = {
  entryPoints: ['src/extension.ts', 'src/gatewayThread.ts', 'src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node22.19',
  format: 'cjs',
  // Some packages' main file is UMD, whose `require` calls can't be bundled.
  mainFields: ['module', 'main'],
  external: ['vscode'],
  minify: true,
  sourcemap: 'linked',
  banner: { js: enableSourceMaps },
  // An unexpected error prints the source line it came from; without a limit that would be the whole program.
  lineLimit: 160,
  legalComments: 'none',
  logLevel: 'warning',
};

/** The dashboard's page, for the browser inside VS Code. Its icons are in its style. */
const pageOptions = {
  entryPoints: { dashboard: 'media/dashboard/main.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'browser',
  target: 'chrome130',
  format: 'iife',
  loader: { '.svg': 'dataurl' },
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/** Writes the licence texts of the bundled packages, which must ship with them. */
async function writeNotices({ inputs }) {
  const names = new Set(
    Object.keys(inputs).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
  );
  const notices = [...names].sort().map((name) => {
    const folder = path.join('node_modules', name);
    const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(path.join(folder, file), 'utf8').trim() : ''}\n`;
  });
  writeFileSync(
    'dist/THIRD_PARTY_NOTICES.txt',
    `CCR includes these packages.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`,
  );
}

if (process.argv.includes('--watch')) for (const each of [options, pageOptions]) await (await context(each)).watch();
else {
  const built = await Promise.all([options, pageOptions].map((each) => build({ ...each, metafile: true })));
  await writeNotices({ inputs: Object.assign({}, ...built.map(({ metafile }) => metafile.inputs)) });
}
