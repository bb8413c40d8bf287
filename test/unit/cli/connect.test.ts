import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { placeholderKey } from '../../../src/config/placeholder.ts';

let home: string;
let printed: string[];
let complaints: string[];
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-connect-'));
  printed = [];
  complaints = [];
  mkdirSync(path.join(home, '.claude-code-router'));
  mkdirSync(path.join(home, '.codex'));
  writeConfig({ PORT: 1 });
});
afterEach(() => rmSync(home, { recursive: true }));

function run(line: string, environment: NodeJS.ProcessEnv = {}): Promise<number> {
  return runProgram(line.split(' '), {
    environment,
    homeDirectory: home,
    currentDirectory: home,
    platform: 'linux',
    version: '0',
    cliPath: path.join(home, "c'li.js"),
    print: (text) => void printed.push(text),
    complain: (text) => void complaints.push(text),
  });
}

function writeConfig(more: object): void {
  const content = { Providers: [], Router: { default: 'a,b' }, ...more };
  writeFileSync(path.join(home, '.claude-code-router', 'config.json'), JSON.stringify(content));
}

const codexFile = (): string => path.join(home, '.codex', 'config.toml');

describe('ccr connect codex, without a gateway', () => {
  it('shows the change, writes it with --yes, and takes it back', async () => {
    const before = 'model_provider = "openai"\n[tui]\n';
    writeFileSync(codexFile(), before);
    expect(await run('connect codex')).toBe(0);
    expect(printed).toContain('- model_provider = "openai"');
    expect(printed).toContain('+ base_url = "http://127.0.0.1:1/w/shared/v1"');
    expect(printed.at(-1)).toMatch(/Nothing was written/);
    expect(readFileSync(codexFile(), 'utf8')).toBe(before);

    expect(await run('connect codex --yes')).toBe(0);
    expect(readFileSync(codexFile(), 'utf8')).toContain('[model_providers.ccr]');
    await run('connect list --json');
    expect(JSON.parse(printed.at(-1) ?? '')).toContainEqual({ client: 'codex', connected: true });
    await run('connect codex --yes');
    expect(printed.at(-1)).toMatch(/nothing to change/);

    expect(await run('connect codex --undo --yes --json')).toBe(0);
    expect(JSON.parse(printed.at(-1) ?? '')).toMatchObject({ file: codexFile(), changed: true, written: true });
    expect(readFileSync(codexFile(), 'utf8')).toBe(before);
  });

  it('writes a helper that hands out the token', async () => {
    await run('connect codex --yes');
    const helper = path.join(home, '.claude-code-router', 'bin', 'ccr-token');
    expect(readFileSync(codexFile(), 'utf8')).toContain(
      `auth = { command = ${JSON.stringify(helper)}, args = ["--port", "1"] }`,
    );
    writeFileSync(path.join(home, "c'li.js"), 'console.log("asked for", ...process.argv.slice(2));');
    expect(execFileSync(helper, ['--port', '1'], { encoding: 'utf8' })).toBe('asked for token --port 1\n');
    // After CCR was removed from there: the one in PATH.
    rmSync(path.join(home, "c'li.js"));
    writeFileSync(path.join(home, 'ccr'), '#!/bin/sh\necho other "$@"\n', { mode: 0o755 });
    const environment = { PATH: `${home}:/usr/bin:/bin` };
    expect(execFileSync(helper, [], { encoding: 'utf8', env: environment })).toBe('other token\n');
  });

  it('follows CODEX_HOME', async () => {
    await run('connect codex --yes', { CODEX_HOME: path.join(home, 'elsewhere') });
    expect(readFileSync(path.join(home, 'elsewhere', 'config.toml'), 'utf8')).toContain('model_provider = "ccr"');
  });

  it('says what is wrong with a file, and with a port that changes', async () => {
    writeFileSync(codexFile(), 'a = ');
    expect(await run('connect codex')).toBe(1);
    expect(complaints.at(-1)).toMatch(/not valid TOML/);
    writeConfig({ PORT: 0 });
    expect(await run('connect codex')).toBe(1);
    expect(complaints.at(-1)).toMatch(/PORT 0/);
  });
});

it('says how Zed gets the key, which its settings can not have', async () => {
  await run('connect zed --yes');
  expect(printed.at(-1)).toMatch(/"ccr token" prints.*CCR_API_KEY/);
  await run('connect zed --undo --yes');
  expect(printed.at(-1)).toBe('Written.');
});

describe('ccr token', () => {
  it('prints the token that the config requires, else the placeholder', async () => {
    await run('token');
    expect(printed).toEqual([placeholderKey]);
    await run('token --json', { CCR_TOKEN: 'the-token' });
    expect(JSON.parse(printed.at(-1) ?? '')).toEqual({ token: 'the-token' });
  });
});

describe('other clients, without a gateway', () => {
  it.each([
    ['cline', /Base URL: http:\/\/127\.0\.0\.1:1\/w\/shared\/v1/],
    ['continue', /apiBase: "http:\/\/127\.0\.0\.1:1\/w\/shared\/v1"/],
    ['aider', /openai-api-base: "http:\/\/127\.0\.0\.1:1\/w\/shared\/v1"/],
    ['env', /export OPENAI_BASE_URL='http:\/\/127\.0\.0\.1:1\/v1'/],
  ])('prints what %s needs', async (client, line) => {
    expect(await run(`connect ${client}`)).toBe(0);
    expect(printed.join('\n')).toMatch(line);
  });

  it.each(['opencode', 'zed'])('writes the file of %s and takes it back', async (client) => {
    expect(await run(`connect ${client} --yes`)).toBe(0);
    expect(printed.join('\n')).toContain('/w/shared/v1');
    expect(await run(`connect ${client} --undo --yes`)).toBe(0);
    expect(printed.at(-1)).toBe('Written.');
  });

  it('can undo only its own edits', async () => {
    expect(await run('connect cline --undo')).toBe(1);
    expect(complaints.at(-1)).toMatch(/by hand/);
  });
});
