// Bundles the three entries of the product. `--watch` rebuilds on change.
import { build, context } from 'esbuild';

const options = {
  entryPoints: ['src/extension.ts', 'src/gatewayThread.ts', 'src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node22.19',
  format: 'cjs',
  external: ['vscode'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
};

if (process.argv.includes('--watch')) await (await context(options)).watch();
else await build(options);
