// Bundles the three entries of the product. `--watch` rebuilds on change.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, context } from 'esbuild';

const options = {
  entryPoints: ['src/extension.ts', 'src/gatewayThread.ts', 'src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node22.19',
  format: 'cjs',
  // Some packages' main file is UMD, whose requires can't be bundled.
  mainFields: ['module', 'main'],
  external: ['vscode'],
  minify: true,
  // An unexpected error prints the line that it came from, which must not be the whole program.
  lineLimit: 160,
  legalComments: 'none',
  logLevel: 'warning',
};

/** The licences of what was bundled ask for their texts to go along with it. */
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

if (process.argv.includes('--watch')) await (await context(options)).watch();
else await writeNotices((await build({ ...options, metafile: true })).metafile);
