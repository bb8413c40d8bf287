// One conversation of the real Codex CLI, resumed with another provider's model for each turn. No provider refuses what the
// others added (reasoning, encrypted reasoning, tool call ids), and reasoning is kept where possible.
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentAnswer, agentReasoning, agentScript } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { ProviderName, StandIn } from '../upstream/standIn.ts';
import { agentFiles, createClientFolders, execFlags, runCodex } from './codex.ts';
import { cli, providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';

type Stop = { provider: ProviderName; name: string; model: string; more?: Record<string, unknown>; style?: object };

/** The providers that the conversation visits, by their target. */
const stops: Record<string, Stop> = {
  deepseek: { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  glm: { provider: 'glm', name: 'zai', model: 'glm-5' },
  minimax: { provider: 'minimax', name: 'minimax', model: 'MiniMax-M2.1' },
  openai: { provider: 'openai-responses', name: 'openai', model: 'gpt-5', more: { protocol: 'responses' } },
  kimi: { provider: 'kimi', name: 'kimi', model: 'kimi-k2.6', style: { kimi: 'native' } },
  chat: { provider: 'openai-chat', name: 'plain', model: 'some-model' },
};

const walk = ['deepseek', 'glm', 'minimax', 'openai', 'kimi', 'chat', 'deepseek', 'openai', 'minimax', 'kimi'];

const standIns = new Map<string, StandIn>();
let gateway: Gateway;
beforeAll(async () => {
  for (const [key, { provider, style }] of Object.entries(stops)) {
    standIns.set(key, await startStandIn({ provider, script: agentScript(), apiKey: upstreamKey, ...style }));
  }
  gateway = await startGateway({
    Providers: Object.entries(stops).map(([key, { name, model, more }]) =>
      providerEntry(name, standIn(key), [model], more),
    ),
    Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
  });
});
afterAll(async () => {
  await gateway?.stop();
  for (const each of standIns.values()) await each.close();
});

function standIn(key: string): StandIn {
  const found = standIns.get(key);
  if (!found) throw new Error(`No stand-in ${key}`);
  return found;
}

test('one conversation goes through all providers and back', { timeout: 180_000 }, async () => {
  const folders = createClientFolders(gateway.folders.root);
  for (const [index, key] of walk.entries()) {
    const { name, model } = stops[key] ?? {};
    const target = ['-m', `${name},${model}`];
    const run = await runCodex({
      binary: cli,
      args: [
        'codex',
        '--port',
        String(gateway.port),
        ...execFlags,
        ...(index === 0 ? [...target, 'Create the two files'] : ['resume', '--last', ...target, 'Once more']),
      ],
      environment: { CODEX_HOME: path.join(folders.home, '.codex') },
      workspace: folders.workspace,
      home: gateway.folders.home,
    });
    expect(run, `${key} (turn ${index + 1}): ${run.stderr}`).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
    const refused = standIn(key).requests.map(({ refusal }) => refusal);
    expect(refused.filter(Boolean), `${key} (turn ${index + 1})`).toEqual([]);
  }
  expect(agentFiles(folders.workspace).patched).toBe('hello-from-patch\n');
});

test.each(['deepseek', 'glm', 'minimax', 'kimi'])('%s receives the reasoning of all earlier turns as text', (key) => {
  const body = JSON.stringify(standIn(key).requests.at(-1)?.body);
  const [begin] = agentReasoning;
  const turns = body.split(begin.trim().slice(0, 30)).length - 1;
  // OpenAI sends no reasoning on Chat Completions, and no other turn's reasoning takes its place.
  const told = walk.slice(0, walk.lastIndexOf(key) + 1).filter((each) => each !== 'chat');
  expect(turns).toBe(told.length);
});

test('OpenAI receives its own encrypted reasoning and no other', () => {
  const input = standIn('openai').requests.at(-1)?.body['input'] as { type?: string; encrypted_content?: string }[];
  const reasoning = input.filter(({ type }) => type === 'reasoning');
  expect(reasoning.length).toBeGreaterThan(3);
  expect(reasoning.every(({ encrypted_content: blob }) => blob?.startsWith('enc_'))).toBe(true);
});
