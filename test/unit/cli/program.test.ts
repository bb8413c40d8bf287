import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateGateway } from '../../../src/cli/locate.ts';
import { logLevelOf } from '../../../src/cli/logLevel.ts';
import { isAtLeast } from '../../../src/cli/requireNode.ts';
import { findPortOwner } from '../../../src/cli/portOwner.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { plain } from '../config/loading.ts';

let home: string;
let printed: string[];
let complaints: string[];
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-cli-'));
  printed = [];
  complaints = [];
});
afterEach(() => rmSync(home, { recursive: true }));

function context(environment: NodeJS.ProcessEnv = {}) {
  return {
    environment,
    homeDirectory: home,
    currentDirectory: home,
    platform: 'linux',
    version: '1.2.3',
    cliPath: '/ccr/cli.js',
    print: (line: string) => void printed.push(line),
    complain: (line: string) => void complaints.push(line),
  } as const;
}

const run = (line: string, environment?: NodeJS.ProcessEnv) => runProgram(line.split(' '), context(environment));

function writeConfig(content: object): void {
  mkdirSync(path.join(home, '.claude-code-router'), { recursive: true });
  writeFileSync(path.join(home, '.claude-code-router', 'config.json'), JSON.stringify(content));
}

describe('validate', () => {
  it('accepts a good config', async () => {
    writeConfig(plain);
    expect(await run('validate')).toBe(0);
    expect(complaints).toEqual([]);
    expect(printed).toContain('Provider deepseek: on');
  });

  it('reports each problem with its place', async () => {
    writeConfig({ ...plain, Router: { default: 'deepsek,deepseek-chat' } });
    expect(await run('validate')).toBe(1);
    expect(complaints[0]).toMatch(/config\.json:1:\d+: error: .*Did you mean "deepseek"/);
    expect(await run('validate --json')).toBe(1);
    expect(JSON.parse(printed.at(-1) ?? '')).toMatchObject({
      valid: false,
      status: 'degraded',
      problems: [{ line: 1, code: 'unknown-provider', suggestion: 'deepseek,deepseek-chat' }],
    });
  });

  it('fails when the default route has no key, or the host is open', async () => {
    writeConfig({ ...plain, Providers: [{ ...plain.Providers[0], api_key: '${KEY}' }] });
    expect(await run('validate')).toBe(1);
    expect(complaints.filter((line) => line.includes('${KEY} is not set'))).toHaveLength(2);
    // The advice is printed once.
    expect(
      complaints
        .concat(printed)
        .join('\n')
        .match(/Set it in the environment/g),
    ).toHaveLength(1);
    expect(printed).toContain('Provider deepseek: off, ${KEY} is not set.');
    expect(await run('validate', { KEY: 'k' })).toBe(0);
    writeConfig({ ...plain, HOST: '0.0.0.0' });
    expect(await run('validate')).toBe(1);
    expect(await run('validate', { CCR_TOKEN: 't' })).toBe(0);
  });

  it('fails when the named file is missing', async () => {
    expect(await run('validate --config nowhere.json')).toBe(1);
    expect(complaints.join()).toContain(path.join(home, 'nowhere.json'));
    expect(await run('validate')).toBe(0);
  });
});

describe('without a gateway', () => {
  it('status fails and names the port', async () => {
    writeConfig({ ...plain, PORT: 1 });
    expect(await run('status --json')).toBe(1);
    expect(JSON.parse(printed[0] ?? '')).toMatchObject({ running: false, port: 1 });
    expect(await run('stop')).toBe(0);
  });

  it('env prints the URL where one is expected', async () => {
    writeConfig({ ...plain, PORT: 1, HOST: '0.0.0.0', APIKEY: 'secret' });
    expect(await run('env')).toBe(0);
    expect(printed.slice(0, 2)).toEqual([
      "export OPENAI_BASE_URL='http://127.0.0.1:1/v1'",
      "export OPENAI_API_KEY='secret'",
    ]);
    expect(complaints).toEqual([expect.stringContaining('not running')]);
  });

  it('another program is not mistaken for one', async () => {
    const stranger = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    expect(await locateGateway({ port }, context())).toEqual({ kind: 'stranger', port });
    expect(await locateGateway({}, context({ CCR_URL: `http://localhost:${port}` }))).toEqual({
      kind: 'stranger',
      port,
    });
    await new Promise((resolve) => stranger.close(resolve));
  });
});

it('reports an unknown command, and prints the version', async () => {
  expect(await run('statsu')).toBe(1);
  expect(complaints).toEqual([expect.stringContaining('Did you mean "status"?')]);
  expect(await run('version')).toBe(0);
  expect(await run('version --json')).toBe(0);
  expect(printed).toEqual(['1.2.3', expect.stringContaining('"version":"1.2.3"')]);
});

it.each([
  [{}, 'info'],
  [{ CCR_LOG: 'debug' }, 'debug'],
  [{ CCR_LOG: 'WARN', RUST_LOG: 'debug' }, 'warn'],
  [{ RUST_LOG: 'ccr_rust=debug' }, 'debug'],
  [{ RUST_LOG: 'warn,ccr_rust=trace,hyper=info' }, 'debug'],
  [{ RUST_LOG: 'hyper=debug' }, 'info'],
  [{ RUST_LOG: 'error' }, 'error'],
  [{ CCR_LOG: 'loud' }, 'info'],
])('%j logs at %s', (environment, level) => expect(logLevelOf(environment)).toBe(level));

it.each([
  ['22.19.0', true],
  ['24.0.0', true],
  ['22.18.9', false],
  ['20.20.2', false],
  ['23.0.0-nightly', true],
])('Node %s is new enough: %s', (version, expected) => expect(isAtLeast(version, '22.19.0')).toBe(expected));

/** In the format of /proc/net/tcp. */
const line = (port: string, state: string, inode: number): string =>
  `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0\n`;

it('finds the process that listens on a port, on Linux', () => {
  const proc = path.join(home, 'proc');
  const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
  mkdirSync(path.join(proc, 'net'), { recursive: true });
  mkdirSync(path.join(proc, '42', 'fd'), { recursive: true });
  writeFileSync(path.join(proc, 'net', 'tcp'), header + line('0D80', '01', 7) + line('0D80', '0A', 8));
  writeFileSync(path.join(proc, '42', 'comm'), 'python3\n');
  symlinkSync('socket:[8]', path.join(proc, '42', 'fd', '3'));
  expect(findPortOwner(3456, 'linux', proc)).toEqual({ pid: 42, name: 'python3' });
  expect(findPortOwner(3457, 'linux', proc)).toBeUndefined();
  expect(findPortOwner(3456, 'darwin', proc)).toBeUndefined();
});
