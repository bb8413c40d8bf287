import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runClaude } from '../../../src/cli/claude.ts';
import type { CliContext } from '../../../src/cli/context.ts';
import { placeholderKey } from '../../../src/config/placeholder.ts';

const models = JSON.stringify({
  models: [
    { slug: 'auto', display_name: 'CCR: auto', description: 'Routed', visibility: 'list', context_window: 1000 },
    { slug: 'a,claude-opus-4-7', display_name: 'a,claude-opus-4-7', visibility: 'list', context_window: 1000 },
    { slug: 'glm-5', display_name: 'glm-5', visibility: 'hide', context_window: 200000 },
  ],
});

let home: string;
let server: Server;
let url: string;
let asked: number;
let complaints: string[];
/** The token that the test's gateway requires of clients. */
let clientToken: string | undefined;

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-claude-'));
  asked = 0;
  complaints = [];
  clientToken = undefined;
  mkdirSync(path.join(home, 'bin'));
  const file = path.join(home, 'bin', 'claude');
  // Records its environment and arguments.
  writeFileSync(file, `#!/bin/sh\n{ env; echo ---; for a in "$@"; do echo "$a"; done; } > '${home}/called'\nexit 5\n`);
  chmodSync(file, 0o755);
  server = createServer((request, response) => {
    asked++;
    const isClient = clientToken === undefined || request.headers.authorization === `Bearer ${clientToken}`;
    response.writeHead(isClient ? 200 : 401).end(models);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true });
});

function run(commandArguments: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const context: CliContext = {
    environment: { PATH: `${home}/bin:/usr/bin:/bin`, ...environment },
    homeDirectory: home,
    currentDirectory: home,
    platform: 'linux',
    version: '0',
    cliPath: '/ccr/cli.js',
    print: () => undefined,
    complain: (line) => complaints.push(line),
  };
  return runClaude(commandArguments, context);
}

function call(): { environment: Record<string, string>; arguments: string[] } {
  const [environment = '', given = ''] = readFileSync(path.join(home, 'called'), 'utf8').split('---\n');
  const entries = environment.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]);
  return {
    environment: Object.fromEntries(entries) as Record<string, string>,
    arguments: given.split('\n').slice(0, -1),
  };
}

describe('claude through CCR', () => {
  it('uses the terminal’s gateway and scope, drops other keys and clouds, and exits as Claude Code does', async () => {
    const environment = {
      CCR_URL: `${url}/v1/`,
      CCR_SCOPE: 's1',
      ANTHROPIC_API_KEY: 'mine',
      CLAUDE_CODE_USE_BEDROCK: '1',
    };
    expect(await run(['-p', 'hi there', '--model', 'x'], environment)).toBe(5);
    const { environment: given, arguments: commandLine } = call();
    expect(commandLine).toEqual(['--settings', expect.any(String), '-p', 'hi there', '--model', 'x']);
    expect(given).toMatchObject({
      ANTHROPIC_BASE_URL: `${url}/w/s1`,
      ANTHROPIC_AUTH_TOKEN: placeholderKey,
      NO_PROXY: '127.0.0.1,localhost',
    });
    expect(Object.keys(given)).not.toEqual(expect.arrayContaining(['ANTHROPIC_API_KEY']));
    expect(Object.keys(given)).not.toEqual(expect.arrayContaining(['CLAUDE_CODE_USE_BEDROCK']));
  });

  it('without a scope uses the gateway’s plain URL, with the terminal’s token', async () => {
    clientToken = 'client-token';
    await run(['hi'], {
      CCR_URL: url,
      OPENAI_API_KEY: 'user-key',
      ANTHROPIC_BASE_URL: `${url}/w/x`,
      ANTHROPIC_AUTH_TOKEN: 'client-token',
    });
    expect(call().environment).toMatchObject({ ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: 'client-token' });
  });

  it.each<[string[], Record<string, string>, string | undefined]>([
    [['--model', 'glm-5'], {}, '200000'],
    [['--model=glm-5', 'hi'], {}, '200000'],
    [['hi'], { ANTHROPIC_MODEL: 'auto' }, '1000'],
    [['--model', 'glm-5'], { ANTHROPIC_MODEL: 'auto' }, '200000'],
    [['--model', 'glm-5'], { CLAUDE_CODE_MAX_CONTEXT_TOKENS: '7' }, '7'],
    [['--model', 'sonnet'], {}, undefined],
    [['hi'], {}, undefined],
  ])('%j in %j has a window of %s tokens', async (given, environment, expected) => {
    await run(given, { CCR_URL: url, ...environment });
    expect(call().environment['CLAUDE_CODE_MAX_CONTEXT_TOKENS']).toBe(expected);
  });

  it('offers our models in the picker of this session, unless the user has settings of their own', async () => {
    await run(['hi'], { CCR_URL: url });
    const [option, file = ''] = call().arguments;
    expect(option).toBe('--settings');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      modelPicker: {
        options: [
          { model: 'auto', label: 'CCR: auto', description: 'Routed' },
          { model: 'a,claude-opus-4-7', label: 'a,claude-opus-4-7', behavesAs: 'claude-opus-4-7' },
        ],
      },
    });
    await run(['--settings={}', 'hi'], { CCR_URL: url });
    expect(call().arguments).toEqual(['--settings={}', 'hi']);
  });

  it('explains what to do when the gateway is down', async () => {
    expect(await run(['--port', '1', 'hi'], {})).toBe(1);
    expect(complaints).toEqual([expect.stringMatching(/not running.*ccr start.*CCR_BYPASS=1 ccr claude/)]);
  });

  it.each(['--version', 'mcp', 'update'])('passes %s through unchanged, without a gateway', async (first) => {
    expect(await run([first, 'x'], { ANTHROPIC_API_KEY: 'mine' })).toBe(5);
    expect(call()).toMatchObject({ arguments: [first, 'x'], environment: { ANTHROPIC_API_KEY: 'mine' } });
    expect(asked).toBe(0);
  });

  it('runs the plain client with CCR_BYPASS, without the variables that CCR set in the terminal', async () => {
    const ours = {
      CCR_URL: url,
      ANTHROPIC_BASE_URL: `${url}/w/s1`,
      ANTHROPIC_AUTH_TOKEN: 't',
      ANTHROPIC_API_KEY: 'mine',
    };
    expect(await run(['hi'], { CCR_BYPASS: '1', ...ours })).toBe(5);
    const left = Object.entries(call().environment).filter(([name]) => name.startsWith('ANTHROPIC_'));
    expect(left).toEqual([['ANTHROPIC_API_KEY', 'mine']]);
    expect(asked).toBe(0);
  });

  it('explains how to install Claude Code, and rejects an invalid port', async () => {
    expect(await run(['hi'], { PATH: '/no/such/folder' })).toBe(127);
    expect(await run(['--port', 'x'], {})).toBe(1);
    expect(complaints).toEqual([
      expect.stringContaining('npm install -g @anthropic-ai/claude-code'),
      expect.stringContaining('--port'),
    ]);
  });
});
