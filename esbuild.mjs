// Bundles the three entries of the product. `--watch` rebuilds on change.
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

if (process.argv.includes('--watch')) await (await context(options)).watch();
else await build(options);
