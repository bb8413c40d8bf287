import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeBom } from '../../../scripts/bundle/bom.mjs';
import { licenceProblems } from '../../../scripts/bundle/licences.mjs';
import { bundledPackages } from '../../../scripts/bundle/packages.mjs';

let root: string;
const locked: Record<string, { version: string; integrity: string }> = {};

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'ccr-bundle-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function install(
  folder: string,
  manifest: object,
  texts: Record<string, string> = { LICENSE: 'Do what you want.' },
): void {
  const place = path.join(root, folder);
  mkdirSync(place, { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(place, name), `${text}\n`);
  writeFileSync(path.join(place, 'package.json'), JSON.stringify({ license: 'MIT', version: '1.0.0', ...manifest }));
  locked[folder] = { version: '1.0.0', integrity: 'sha512-AAEC' };
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
}

/** What esbuild says of a bundle that has code of these files. */
function bundleOf(...files: string[]) {
  const inputs = Object.fromEntries(files.map((file) => [file, { bytesInOutput: 10 }]));
  return { outputs: { 'dist/cli.js': { inputs } } };
}

describe('the packages of a bundle', () => {
  test('are those with code in it, each once, with their texts', () => {
    install(
      'node_modules/b',
      { name: 'b', dependencies: { a: '1', c: '1' } },
      { LICENSE: 'Licence b', NOTICE: 'Notice b' },
    );
    install('node_modules/@s/a', { name: '@s/a' });
    install('node_modules/b/node_modules/c', { name: 'c' });
    const metafile = bundleOf('src/cli.ts', 'node_modules/b/x.js', 'node_modules/b/node_modules/c/i.js');
    metafile.outputs['dist/cli.js'].inputs['node_modules/@s/a/i.js'] = { bytesInOutput: 0 };
    expect(bundledPackages(metafile, root).map(({ name, text, dependencies }) => [name, text, dependencies])).toEqual([
      ['b', 'Licence b\n\nNotice b', ['c']],
      ['c', 'Do what you want.', []],
    ]);
  });

  test('are found where node_modules is a link', () => {
    install('node_modules/@s/a', { name: '@s/a' });
    expect(bundledPackages(bundleOf('../else/node_modules/@s/a/i.js'), root)).toMatchObject([{ name: '@s/a' }]);
  });

  test('have to be those of the lock file', () => {
    install('node_modules/a', { name: 'a', version: '1.0.1' });
    expect(() => bundledPackages(bundleOf('node_modules/a/i.js'), root)).toThrow(
      'node_modules/a is version 1.0.1, not 1.0.0 as in the lock file: run npm install.',
    );
  });
});

describe('the licence of a package', () => {
  test.each(['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0', '(GPL-3.0-only OR MIT)'])('%s is fit', (license) => {
    install('node_modules/a', { name: 'a', license });
    expect(licenceProblems(bundledPackages(bundleOf('node_modules/a/i.js'), root))).toEqual([]);
  });

  test.each(['GPL-3.0-only', 'MPL-2.0', 'SEE LICENSE IN LICENSE.txt', 'MIT AND GPL-2.0-only', 'UNLICENSED', undefined])(
    '%s is not',
    (license) => {
      install('node_modules/a', { name: 'a', license });
      expect(licenceProblems(bundledPackages(bundleOf('node_modules/a/i.js'), root))).toEqual([
        `a 1.0.0: its licence, ${license}, does not go with MIT.`,
      ]);
    },
  );

  test('has a text that can ship', () => {
    install('node_modules/a', { name: 'a' }, { 'README.md': 'Hi' });
    expect(licenceProblems(bundledPackages(bundleOf('node_modules/a/i.js'), root))).toEqual([
      'a 1.0.0: the text of its licence is missing from the package.',
    ]);
  });
});

test('the bill of materials names each package by its URL, with the hash of its tarball and what it needs', () => {
  install('node_modules/@s/a', { name: '@s/a', dependencies: { b: '1' } });
  install('node_modules/b', { name: 'b', license: '(ISC OR MIT)' });
  const packages = bundledPackages(bundleOf('node_modules/@s/a/i.js', 'node_modules/b/i.js'), root);
  const product = { name: 'us', version: '2.0.0', license: 'MIT', devDependencies: { '@s/a': '1.0.0', vitest: '5' } };
  expect(JSON.parse(writeBom(product, packages))).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { purl: 'pkg:npm/us@2.0.0' } },
    components: [
      {
        group: '@s',
        name: 'a',
        purl: 'pkg:npm/%40s/a@1.0.0',
        licenses: [{ license: { id: 'MIT' } }],
        hashes: [{ alg: 'SHA-512', content: '000102' }],
      },
      { name: 'b', purl: 'pkg:npm/b@1.0.0', licenses: [{ expression: '(ISC OR MIT)' }] },
    ],
    dependencies: [
      { ref: 'pkg:npm/us@2.0.0', dependsOn: ['pkg:npm/%40s/a@1.0.0'] },
      { ref: 'pkg:npm/%40s/a@1.0.0', dependsOn: ['pkg:npm/b@1.0.0'] },
      { ref: 'pkg:npm/b@1.0.0', dependsOn: [] },
    ],
  });
});
