import {
  chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs'; // prettier-ignore
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCodex } from '../../../src/cli/codex.ts';
import type { CliContext } from '../../../src/cli/context.ts';
import { ownOptions } from '../../../src/cli/runClient.ts';
import { placeholderKey } from '../../../src/config/placeholder.ts';
import { helloProof } from '../../../src/control/protocol.ts';
import { writeRunFile } from '../../../src/control/runFiles.ts';

const catalog = '{"models":[{"slug":"auto"}]}';
const controlToken = 'control-token';

let home: string;
let server: Server;
let port: number;
let seen: string[];
let versions: string[];
let complaints: string[];
/** The token that the test's gateway requires of clients. */
let clientToken: string | undefined;

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-codex-'));
  seen = [];
  versions = [];
  complaints = [];
  clientToken = undefined;
  mkdirSync(path.join(home, 'bin'));
  const file = path.join(home, 'bin', 'codex');
  // Records its environment and arguments.
  writeFileSync(file, `#!/bin/sh\n{ env; echo ---; for a in "$@"; do echo "$a"; done; } > '${home}/called'\nexit 5\n`);
  chmodSync(file, 0o755);
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    seen.push(url.pathname);
    versions.push(url.searchParams.get('client_version') ?? '');
    const isClient = clientToken === undefined || request.headers.authorization === `Bearer ${clientToken}`;
    if (url.pathname === '/ccr/hello') {
      const proof = helloProof(controlToken, url.searchParams.get('nonce') ?? '');
      response.end(JSON.stringify({ name: 'ccr', pid: 1, version: '0', protocol: 1, proof }));
    } else if (url.pathname === '/ccr/token') response.end(JSON.stringify({ token: clientToken ?? null }));
    else response.writeHead(isClient ? 200 : 401).end(catalog);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true });
});

function context(environment: NodeJS.ProcessEnv): CliContext {
  return {
    environment: { PATH: `${home}/bin:/usr/bin:/bin`, ...environment },
    homeDirectory: home,
    currentDirectory: home,
    platform: 'linux',
    version: '0',
    cliPath: '/ccr/cli.js',
    print: () => undefined,
    complain: (line) => complaints.push(line),
  };
}

function call(): { environment: string[]; arguments: string[] } {
  const [environment = '', given = ''] = readFileSync(path.join(home, 'called'), 'utf8').split('---\n');
  return { environment: environment.split('\n'), arguments: given.split('\n').slice(0, -1) };
}

const isRunning = (): void =>
  writeRunFile(home, { pid: 1, port, host: '127.0.0.1', version: '0', protocol: 1, token: controlToken });

describe('codex through CCR', () => {
  it("uses the terminal's gateway and scope, and exits as Codex does", async () => {
    const environment = {
      CCR_URL: `http://127.0.0.1:${port}/v1/`,
      CCR_SCOPE: 's1',
      CODEX_MODEL: 'm',
      ELECTRON_RUN_AS_NODE: '1',
    };
    expect(await runCodex(['--shim', 'exec', '--full', 'hi'], context(environment))).toBe(5);
    const { environment: given, arguments: commandLine } = call();
    expect(commandLine.slice(-6)).toEqual(['-m', 'm', 'exec', '-s', 'workspace-write', 'hi']);
    expect(commandLine.join()).toContain(`http://127.0.0.1:${port}/w/s1/v1`);
    expect(given).toEqual(
      expect.arrayContaining([`CCR_CLIENT_TOKEN=${placeholderKey}`, 'NO_PROXY=127.0.0.1,localhost']),
    );
    expect(given.join()).not.toContain('ELECTRON_RUN_AS_NODE');
    expect(complaints).toEqual([expect.stringContaining('--full')]);
  });

  it('writes the catalog so that only its user can read it', async () => {
    await runCodex(['hi'], context({ CCR_URL: `http://127.0.0.1:${port}` }));
    const line = call().arguments.find((argument) => argument.startsWith('model_catalog_json=')) ?? '';
    const file: unknown = JSON.parse(line.slice('model_catalog_json='.length));
    expect(readFileSync(String(file), 'utf8')).toBe(catalog);
    expect(statSync(String(file)).mode & 0o777).toBe(0o600);
  });

  it('requests the catalog for the version in the package of Codex', async () => {
    const environment = { CCR_URL: `http://127.0.0.1:${port}` };
    await runCodex(['hi'], context(environment));
    const file = path.join(home, 'bin', 'node_modules', '@openai', 'codex', 'package.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '{"name":"@openai/codex","version":"0.169.0"}');
    await runCodex(['hi'], context(environment));
    expect(versions).toEqual(['unknown', '0.169.0']);
    expect(call().arguments.join()).toMatch(/codex-models-[\w.-]+-0\.169\.0\.json/);
  });

  it('finds the version through a link that npm put in PATH', async () => {
    const folder = path.join(home, 'lib', '@openai', 'codex');
    mkdirSync(path.join(folder, 'bin'), { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{"name":"@openai/codex","version":"0.155.0"}');
    renameSync(path.join(home, 'bin', 'codex'), path.join(folder, 'bin', 'codex.js'));
    symlinkSync(path.join(folder, 'bin', 'codex.js'), path.join(home, 'bin', 'codex'));
    expect(await runCodex(['hi'], context({ CCR_URL: `http://127.0.0.1:${port}` }))).toBe(5);
    expect(versions).toEqual(['0.155.0']);
  });

  it('finds the gateway and its token by the run file when it is not at the URL of the terminal', async () => {
    clientToken = 'client-token';
    isRunning();
    expect(await runCodex(['hi'], context({ CCR_URL: 'http://127.0.0.1:1', OPENAI_API_KEY: placeholderKey }))).toBe(5);
    expect(call().environment).toContain('CCR_CLIENT_TOKEN=client-token');
    expect(call().arguments.join()).toContain(`http://127.0.0.1:${port}/v1`);
    expect(call().arguments.join()).not.toContain('client-token');
  });

  it("sends the terminal's own token", async () => {
    clientToken = 'client-token';
    const environment = { CCR_URL: `http://127.0.0.1:${port}`, OPENAI_API_KEY: 'client-token' };
    expect(await runCodex(['hi'], context(environment))).toBe(5);
    expect(call().environment).toContain('CCR_CLIENT_TOKEN=client-token');
    expect(seen).toEqual(['/v1/models']);
  });

  it('explains what to do when the gateway is down', async () => {
    expect(await runCodex(['--port', '1', 'hi'], context({}))).toBe(1);
    expect(complaints).toEqual([expect.stringMatching(/not running.*ccr start.*CCR_BYPASS=1 codex/)]);
  });

  it('reports a required token that it lacks', async () => {
    clientToken = 'client-token';
    expect(await runCodex(['hi'], context({ CCR_URL: `http://127.0.0.1:${port}` }))).toBe(1);
    expect(complaints).toEqual([expect.stringContaining('CCR_TOKEN')]);
  });

  it('passes commands that use no model through unchanged, without a gateway', async () => {
    expect(await runCodex(['--shim', 'login', '--with-api-key'], context({}))).toBe(5);
    expect(call().arguments).toEqual(['login', '--with-api-key']);
    expect(seen).toEqual([]);
  });

  it('runs the plain client with CCR_BYPASS, without the variables that CCR set in the terminal', async () => {
    const environment = {
      CCR_BYPASS: '1',
      CCR_URL: 'http://127.0.0.1:1',
      OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
      OPENAI_API_KEY: placeholderKey,
      CODEX_API_KEY: 'mine',
    };
    expect(await runCodex(['--shim', 'exec', '--full'], context(environment))).toBe(5);
    expect(call().arguments).toEqual(['exec', '--full']);
    expect(call().environment.filter((line) => /^(OPENAI|CODEX)_/.test(line))).toEqual(['CODEX_API_KEY=mine']);
  });

  it('explains how to install Codex', async () => {
    expect(await runCodex(['hi'], context({ PATH: '/nowhere' }))).toBe(127);
    expect(complaints).toEqual([expect.stringContaining('npm install -g @openai/codex')]);
  });
});

it.each([
  [['--port', '80', 'exec', '--port', '9'], { port: 80, userArguments: ['exec', '--port', '9'] }],
  [['--port=80'], { port: 80, userArguments: [] }],
  [['exec', '--port', '80'], { port: undefined, userArguments: ['exec', '--port', '80'] }],
  [['--shim', '--port', '80'], { port: undefined, userArguments: ['--port', '80'], isShim: true }],
  [['--port', 'x'], { error: expect.any(String) }],
  [['--port', '65536'], { error: expect.any(String) }],
  [['--port'], { error: expect.any(String) }],
])('our own options of %j', (commandArguments, expected) =>
  expect(ownOptions(commandArguments)).toMatchObject(expected),
);
