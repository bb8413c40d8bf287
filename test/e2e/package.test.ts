// What ships in the .vsix, and that everybody who packs the same sources gets the same bytes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const bundles = [
  'extension.js',
  ...readdirSync(path.join(projectFolder, 'dist', 'extension'))
    .filter((name) => name.endsWith('.js'))
    .map((name) => `extension/${name}`),
  'gatewayThread.js',
  'cli.js',
  'otlp.js',
  'mcpServer.js',
  'dashboard.js',
];

test('the .vsix has the bundles, the licences of what is in them, a list of it, and no source map', () => {
  const vsce = path.join(projectFolder, 'node_modules', '@vscode', 'vsce', 'vsce');
  const run = spawnSync(process.execPath, [vsce, 'ls', '--no-dependencies'], { cwd: projectFolder, encoding: 'utf8' });
  const files = run.stdout.trim().split('\n');
  const shipped = [...bundles, 'THIRD_PARTY_NOTICES.txt', 'bom.cdx.json'].map((file) => `dist/${file}`);
  expect(files, run.stderr).toEqual(expect.arrayContaining(shipped));
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
});

describe('beside the bundles', () => {
  const notices = read('dist/THIRD_PARTY_NOTICES.txt');
  const { components } = JSON.parse(read('dist/bom.cdx.json')) as {
    components: { group?: string; name: string; version: string }[];
  };
  const named = components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name} ${version}`);

  test('the list and the licences are of the same packages', () => {
    expect([...notices.matchAll(/^(\S+ \d\S*) \(\S+\)$/gm)].map(([, name]) => name)).toEqual(named);
  });

  test('everything whose code is in a source map is listed', () => {
    const sources = bundles.flatMap(
      (bundle) => (JSON.parse(read(`dist/${bundle}.map`)) as { sources: string[] }).sources,
    );
    const found = sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
    expect(new Set(found).size).toBeGreaterThan(5);
    expect([...new Set(found)].sort()).toEqual(named.map((name) => name.split(' ')[0]).sort());
  });
});

describe('two people who pack the same sources', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ccr-package-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('get the same bytes, in other folders and time zones, at other times and with another umask', () => {
    const one = pack(path.join(folder, 'one'), { umask: '000', zone: 'Asia/Tokyo', modified: '2001-01-01' });
    const other = pack(path.join(folder, 'a', 'deeper one'), { umask: '077', zone: 'America/New_York' });
    expect(one.equals(other), `${hashOf(one)} is not ${hashOf(other)}`).toBe(true);
  }, 240_000);
});

type Machine = { umask: string; zone: string; modified?: string };

/** Packs a copy of what git would clone. */
function pack(place: string, { umask, zone, modified }: Machine): Buffer {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectFolder,
  });
  const files = listed.stdout.toString().split('\0').filter(Boolean);
  const script = `umask ${umask}; exec "$0" scripts/package.mjs --out result.vsix`;
  for (const file of files) {
    if (file.startsWith('test/')) continue;
    cpSync(path.join(projectFolder, file), path.join(place, file));
    if (modified) utimesSync(path.join(place, file), new Date(modified), new Date(modified));
  }
  mkdirSync(place, { recursive: true });
  symlinkSync(path.join(projectFolder, 'node_modules'), path.join(place, 'node_modules'));
  const env = { ...process.env, TZ: zone, SOURCE_DATE_EPOCH: '1700000000' };
  const run = spawnSync('sh', ['-c', script, process.execPath], { cwd: place, env, encoding: 'utf8' });
  expect(run.status, run.stderr).toBe(0);
  return readFileSync(path.join(place, 'result.vsix'));
}

function read(file: string): string {
  return readFileSync(path.join(projectFolder, file), 'utf8');
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
