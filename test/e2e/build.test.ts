// What the build puts into dist.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from './gateway.ts';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const bundles = ['extension.js', 'gatewayThread.js', 'cli.js', 'otlp.js', 'mcpServer.js', ...extensionBundles()];

/** What the extension loads on first use, and what that shares with its first bundle. */
function extensionBundles(): string[] {
  const names = readdirSync(path.join(projectFolder, 'dist', 'extension'));
  return names.filter((name) => name.endsWith('.js')).map((name) => `extension/${name}`);
}

describe('source maps', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(path.join(tmpdir(), 'ccr-build-'));
    // `ccr start` crashes where it can't make the folder of its run file.
    mkdirSync(path.join(home, '.claude-code-router'));
    writeFileSync(path.join(home, '.claude-code-router', 'run'), '');
  });
  afterAll(() => rmSync(home, { recursive: true }));

  function crash(environment: Record<string, string>): string {
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, ...environment };
    return spawnSync(process.execPath, [cli, 'start', '--port', '0'], { env, encoding: 'utf8' }).stderr;
  }

  test.each(bundles)('%s has one', (bundle) => {
    expect(existsSync(path.join(projectFolder, 'dist', `${bundle}.map`))).toBe(true);
  });

  test('with CCR_SOURCE_MAPS a stack trace names files of src', () => {
    expect(crash({ CCR_SOURCE_MAPS: '1' })).toMatch(/src[\\/]server[\\/]run\.ts:\d+/);
  });

  test('without it a stack trace names the bundle', () => {
    const output = crash({});
    expect(output).toMatch(/dist[\\/]cli\.js:\d+/);
    expect(output).not.toContain('run.ts');
  });
});

test.each(bundles)('%s has no character that makes V8 keep two bytes for each of its own', (bundle) => {
  const text = readFileSync(path.join(projectFolder, 'dist', bundle), 'latin1');
  expect(text.match(/.{0,40}[^\0-\x7f]/g)).toBeNull();
});

test('the extension starts without the gateway and its HTTP client, which are in the gateway thread', () => {
  const sources = (bundle: string): string[] =>
    (JSON.parse(readFileSync(path.join(projectFolder, 'dist', `${bundle}.map`), 'utf8')) as { sources: string[] })
      .sources;
  const heavy = /node_modules\/undici|src\/gateway\/(?:gateway|upstream)\.ts/;
  expect(sources('gatewayThread.js').filter((source) => heavy.test(source))).not.toEqual([]);
  const ofExtension = ['extension.js', ...extensionBundles()].flatMap(sources);
  expect(ofExtension.length).toBeGreaterThan(300);
  expect(ofExtension.filter((source) => heavy.test(source))).toEqual([]);
});
