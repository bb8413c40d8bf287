import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { writeShims } from '../../../src/cli/shimFiles.ts';
import { findShimPlace } from '../../../src/cli/findExecutable.ts';

let home: string;
let printed: string[];
let complaints: string[];
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-doctor-'));
  printed = [];
  complaints = [];
});
afterEach(() => rmSync(home, { recursive: true }));

function run(line: string): Promise<number> {
  return runProgram(line.split(' '), {
    environment: { PATH: home },
    homeDirectory: home,
    currentDirectory: home,
    platform: 'linux',
    version: '0',
    cliPath: '/ccr/cli.js',
    print: (text) => void printed.push(text),
    complain: (text) => void complaints.push(text),
  });
}

describe('ccr doctor', () => {
  it('names what is wrong first, with what to do', async () => {
    expect(await run('doctor --port 1')).toBe(1);
    expect(complaints[0]).toMatch(/^1\. error: There is no config at/);
    expect(complaints[1]).toBe('   Add a provider.');
    expect(complaints).toContainEqual(expect.stringContaining('Codex is not in PATH'));
  });

  it('asks the providers of the config when no gateway runs', async () => {
    mkdirSync(path.join(home, '.claude-code-router'));
    const provider = { name: 'local', api_base_url: 'http://127.0.0.1:1/v1', models: ['m'] };
    const config = { Providers: [provider], Router: { default: 'local,m' } };
    writeFileSync(path.join(home, '.claude-code-router', 'config.json'), JSON.stringify(config));
    expect(await run('doctor --port 1 --json')).toBe(1);
    const { healthy, findings } = JSON.parse(printed.at(-1) ?? '') as { healthy: boolean; findings: { id: string }[] };
    expect(healthy).toBe(false);
    // In a container, the machine that runs the test is not the one where the server would be.
    const ids = findings.map(({ id }) => id).filter((id) => id !== 'container-host');
    expect(ids).toEqual(['not-running', 'provider-connection', 'codex-missing']);
  });
});

it('knows where in PATH a shim is', () => {
  writeShims(path.join(home, 'shims'), 'codex', { nodePath: '/n', cliPath: '/c', electron: false });
  mkdirSync(path.join(home, 'real'));
  writeFileSync(path.join(home, 'real', 'codex'), '#!/bin/sh\n', { mode: 0o755 });
  expect(findShimPlace('codex', { PATH: `${home}/shims:${home}/real` }, 'linux')).toBe('first');
  expect(findShimPlace('codex', { PATH: `${home}/real:${home}/shims` }, 'linux')).toBe('behind');
  expect(findShimPlace('codex', { PATH: `${home}/real` }, 'linux')).toBe('missing');
  expect(findShimPlace('claude', { PATH: `${home}/shims` }, 'linux')).toBe('missing');
});
