// A hard budget with the real Codex and the real Claude Code: the screen says what to do after one
// request, and the provider is not asked again. `npm run test:clients` installs Claude Code on demand.
import { mkdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { attach } from '../../src/control/client.ts';
import { chatScript } from '../upstream/scripts.ts';
import { createClientFolders, execFlags, pinnedCodex, runCodex, type ClientFolders, type CodexRun } from './codex.ts';
import { cli, startGateway, type Gateway } from './gateway.ts';
import { guideConfig, keys, startUpstream, type Upstream } from './guideConfig.ts';
import { installClaudeCode } from './installClients.mjs';

let claudeBinary: string;
let folders: ClientFolders;
let upstream: Upstream;
let gateway: Gateway;
beforeAll(async () => {
  claudeBinary = await installClaudeCode();
});
beforeEach(() => {
  folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
});
afterEach(() => folders.remove());

function run(client: 'claude' | 'codex'): Promise<CodexRun> {
  const bin = path.join(folders.root, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(client === 'claude' ? claudeBinary : pinnedCodex(), path.join(bin, client));
  return runCodex({
    binary: cli,
    args: [client, '--port', String(gateway.port), ...(client === 'claude' ? ['-p'] : execFlags), 'Say hello'],
    environment: {
      PATH: [bin, path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter),
      CLAUDE_CONFIG_DIR: path.join(folders.home, '.claude'),
      CODEX_HOME: path.join(folders.home, '.codex'),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    workspace: folders.workspace,
    home: gateway.folders.home,
    timeoutMs: 40_000,
  });
}

/** How many requests the gateway has recorded. */
async function recorded(): Promise<number> {
  const occupant = await attach({ homeDirectory: gateway.folders.home, port: gateway.port });
  if (occupant.kind !== 'ccr') throw new Error('The gateway does not answer.');
  return (await occupant.client.requests({})).length;
}

describe("the guide's config with a hard budget", () => {
  beforeEach(async () => {
    upstream = await startUpstream();
    gateway = await startGateway({ ...guideConfig(upstream), Budgets: [{ per: 'day', tokens: 1 }] }, keys);
  });
  afterEach(async () => {
    await gateway?.stop();
    await Promise.all(Object.values(upstream ?? {}).map((standIn) => standIn.close()));
  });

  // `codex exec` itself prints an answer's error twice: as an error, and as the end of the turn.
  test.each([
    ['claude', 1],
    ['codex', 2],
  ] as const)('%s shows what to do after one request, and nobody is asked', async (client, lines) => {
    for (const standIn of Object.values(upstream)) standIn.play(chatScript({ text: 'Done.' }));
    const asked = (): number => Object.values(upstream).reduce((sum, { requests }) => sum + requests.length, 0);
    const first = await run(client);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    const before = asked();
    const answered = await recorded();
    folders.remove();
    folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
    const second = await run(client);
    expect(second.code).not.toBe(0);
    const screen = second.stdout + second.stderr;
    expect(screen.match(/CCR's budget 1 \(1 tokens per day\) is used up\./g), screen).toHaveLength(lines);
    expect(screen).toContain('or raise it in Budgets in the config.');
    expect(asked()).toBe(before);
    expect((await recorded()) - answered).toBe(1);
  });
});
