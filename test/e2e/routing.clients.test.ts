// The real Codex and the real Claude Code with the guide's own configs: each kind of request reaches its route, and the record
// says why. `npm run test:clients` installs Claude Code on demand.
import { mkdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { attach } from '../../src/control/client.ts';
import type { RequestView } from '../../src/control/protocol.ts';
import { chatScript, turn } from '../upstream/scripts.ts';
import type { Script } from '../upstream/turn.ts';
import { createClientFolders, execFlags, pinnedCodex, runCodex, type ClientFolders, type CodexRun } from './codex.ts';
import { cli, startGateway, type Gateway } from './gateway.ts';
import { advancedConfig, guideConfig, keys, startUpstream, type Upstream } from './guideConfig.ts';
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

/** Plays one agent that Claude Code starts, or answers at once. */
const agentStarter: Script = (conversation) => {
  const tool = conversation.tools.find(({ name }) => name === 'Agent' || name === 'Task');
  const isFirst = conversation.toolResults.length === 0 && conversation.lastUserText.includes('Use an agent');
  if (!tool || !isFirst) return chatScript({ text: 'Done.' })(conversation);
  const input = { description: 'look', prompt: 'Look around', subagent_type: 'general-purpose' };
  return turn({ calls: [{ tool, input: JSON.stringify(input) }] });
};

function play(script: Script): void {
  for (const standIn of Object.values(upstream)) standIn.play(script);
}

/** Runs `ccr claude -p` or `ccr codex exec` with the gateway's home, where its run file is. */
function run(
  client: 'claude' | 'codex',
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<CodexRun> {
  const bin = path.join(folders.root, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(client === 'claude' ? claudeBinary : pinnedCodex(), path.join(bin, client));
  const environment = {
    PATH: [bin, path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter),
    CLAUDE_CONFIG_DIR: path.join(folders.home, '.claude'),
    CODEX_HOME: path.join(folders.home, '.codex'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '1',
    ...more,
  };
  const own = client === 'claude' ? ['-p'] : execFlags;
  return runCodex({
    binary: cli,
    args: [client, '--port', String(gateway.port), ...own, ...args],
    environment,
    workspace: folders.workspace,
    home: gateway.folders.home,
    timeoutMs: 60_000,
  });
}

/** The records of the requests since the last call, by the control API. */
async function records(): Promise<RequestView[]> {
  const occupant = await attach({ homeDirectory: gateway.folders.home, port: gateway.port });
  if (occupant.kind !== 'ccr') throw new Error('The gateway does not answer.');
  const views = await occupant.client.requests({ after: cursor });
  cursor = views.at(-1)?.cursor ?? cursor;
  return views;
}
let cursor = 0;

const hints = [
  ['on', {}],
  ['off', { CLAUDE_CODE_GATEWAY_HINT_HEADERS: '0' }],
] as const;

describe("the guide's config", () => {
  beforeAll(async () => {
    upstream = await startUpstream();
    gateway = await startGateway(guideConfig(upstream), keys);
  });
  afterAll(async () => {
    await gateway?.stop();
    await Promise.all(Object.values(upstream ?? {}).map((standIn) => standIn.close()));
  });

  describe.each(hints)('Claude Code with hint headers %s', (_, environment) => {
    test('a main turn goes to the default, thinking to think', async () => {
      play(chatScript({ text: 'Done.' }));
      const plain = await run('claude', ['Say hello'], environment);
      expect(plain, plain.stderr).toMatchObject({ code: 0 });
      expect((await records()).at(-1)).toMatchObject({ target: 'zai,glm-5', intent: { class: 'main', thinks: false } });
      folders.remove();
      folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
      const deep = await run('claude', ['Say hello', '--effort', 'high'], environment);
      expect(deep, deep.stderr).toMatchObject({ code: 0 });
      expect((await records()).at(-1)).toMatchObject({ target: 'deepseek,deepseek-reasoner', reason: 'think' });
    });

    test('a subagent is told from the main turn', async () => {
      play(agentStarter);
      await records();
      const done = await run('claude', ['Use an agent'], environment);
      expect(done, done.stderr).toMatchObject({ code: 0 });
      const classes = (await records()).map(({ intent, target }) => [intent?.class, target]);
      expect(classes).toContainEqual(['main', 'zai,glm-5']);
      expect(classes).toContainEqual(['subagent', 'zai,glm-5']);
    });
  });

  test.each([
    ['a main turn', [], 'zai,glm-5', 'default'],
    ['thinking', ['-c', 'model_reasoning_effort="high"'], 'deepseek,deepseek-reasoner', 'think'],
    ['a reasoning model', ['-m', 'o3-mini'], 'deepseek,deepseek-reasoner', 'think'],
    ['a model that nobody has', ['-m', 'gpt-4o'], 'zai,glm-5', 'unknown-model'],
  ])('Codex: %s', async (_, args, target, reason) => {
    play(chatScript({ text: 'Done.' }));
    const done = await run('codex', [...args, 'Say hello']);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect((await records()).at(-1)).toMatchObject({ target, reason, client: 'codex', intent: { class: 'main' } });
  });
});

describe("the guide's advanced config", () => {
  beforeAll(async () => {
    upstream = await startUpstream();
    gateway = await startGateway(advancedConfig(upstream), keys);
  });
  afterAll(async () => {
    await gateway?.stop();
    await Promise.all(Object.values(upstream ?? {}).map((standIn) => standIn.close()));
  });

  test("Claude Code's small model goes to background", async () => {
    play(chatScript({ text: 'Done.' }));
    const done = await run('claude', ['Say hello', '--model', 'haiku', '--effort', 'low']);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect((await records()).at(-1)).toMatchObject({ target: 'openrouter,minimax/minimax-m2.1', reason: 'background' });
  });
});
