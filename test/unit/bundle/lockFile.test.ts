// What npm installs is what was looked at: each package of the lock file has a hash, comes from the registry, and is named
// exactly by package.json.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

type Locked = {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  devDependencies?: Record<string, string>;
};

const root = path.join(import.meta.dirname, '../../..');
const manifest = read('package.json') as { devDependencies: Record<string, string>; allowScripts: object };
const lock = read('package-lock.json') as { lockfileVersion: number; packages: Record<string, Locked> };
const packages = Object.entries(lock.packages).filter(([folder]) => folder !== '');

function read(file: string): unknown {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}

test('the lock file has the packages of package.json, at exactly their versions', () => {
  expect(lock.lockfileVersion).toBe(3);
  expect(lock.packages['']?.devDependencies).toEqual(manifest.devDependencies);
  for (const [name, version] of Object.entries(manifest.devDependencies))
    expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
});

test('everything ships bundled: package.json has no other dependencies', () => {
  const kinds = Object.keys(manifest).filter((key) => /dependencies/i.test(key));
  expect(kinds).toEqual(['devDependencies']);
});

test('each package has the SHA-512 of its tarball, and no other source than the registry', () => {
  expect(packages.length).toBeGreaterThan(100);
  for (const [folder, { integrity, resolved, link }] of packages) {
    expect(integrity, folder).toMatch(/^sha512-[\w+/]{86}==$/);
    expect([resolved, link], folder).toEqual([undefined, undefined]);
  }
});

test('install scripts are allowed or forbidden by name, and no package without one is listed', () => {
  const withScripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript);
  const names = withScripts.map(([folder]) => folder.slice(folder.lastIndexOf('node_modules/') + 13));
  expect([...new Set(names)].sort()).toEqual(Object.keys(manifest.allowScripts).sort());
});
