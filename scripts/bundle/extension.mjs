// The extension's bundles: the one that VS Code loads at activation, and in dist/extension/ what it loads on first use and
// what these share. A module is in one of them only, so its state exists once.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transform } from 'esbuild';
import { escapeCharacters } from './escapeCharacters.mjs';

const outdir = 'dist';

/** Only ES modules can share code in esbuild, and `require` loads what ships: so each file is converted afterwards. */
export const extensionOptions = {
  entryPoints: { extension: 'src/extension.ts' },
  outdir,
  chunkNames: 'extension/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node22.19',
  format: 'esm',
  // Some packages' main file is UMD, whose `require` calls can't be bundled.
  mainFields: ['module', 'main'],
  external: ['vscode'],
  minify: true,
  // The names have hashes of the source maps too, whose paths must not depend on where node_modules really is.
  preserveSymlinks: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/** The options of a build that writes them. `banner` begins the first bundle, `lineLimit` is that of every line. */
export function writtenExtension({ banner, lineLimit }) {
  return {
    ...extensionOptions,
    sourcemap: 'inline',
    sourcesContent: true,
    write: false,
    plugins: [
      escapeCharacters,
      {
        name: 'write-commonjs',
        setup(build) {
          build.onEnd(async ({ outputFiles = [] }) => {
            rmSync(path.join(outdir, 'extension'), { recursive: true, force: true }); // the names have hashes
            for (const file of outputFiles) await writeCommonJs(file, { banner, lineLimit });
          });
        },
      },
    ],
  };
}

async function writeCommonJs({ path: file, text }, { banner, lineLimit }) {
  const name = path.basename(file);
  const isFirst = path.basename(path.dirname(file)) === outdir;
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node22.19',
    supported: { 'dynamic-import': false },
    minify: true,
    sourcemap: 'external',
    sourcefile: name,
    lineLimit,
    banner: isFirst ? banner : '',
    legalComments: 'none',
  });
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${code}//# sourceMappingURL=${name}.map\n`);
  writeFileSync(`${file}.map`, map);
}
