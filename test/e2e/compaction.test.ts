// The real Codex CLI in a conversation that grows too long for a chat provider: by its own (local) compaction, and by the
// one that it leaves to the provider when it takes us for OpenAI.
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { turn } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { StandIn } from '../upstream/standIn.ts';
import type { Script } from '../upstream/turn.ts';
import { createClientFolders, execFlags, pinnedCodex, runCodex } from './codex.ts';
import { cli, providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const note = 'HAND-OVER-NOTE: numbers were printed once; 漢字 "quoted"\nNothing else is to be done.';
const answer = 'I went on from the note.';
/** Tokens. Above the first prompt (some 10,000 by the stand-in's count), below that with the output of the command. */
const limit = 16_000;

/** Prints much, twice if it may; writes the note where it gets no tools; goes on from it where it finds it. */
const longScript: Script = ({ tools, lastUserText, toolResults }) => {
  if (tools.length === 0) return turn({ reasoning: 'What matters?', text: note });
  if (lastUserText.includes(note)) return turn({ reasoning: 'The note says it all.', text: answer });
  const shell = tools.find(({ name }) => name.endsWith('exec_command'));
  if (!shell || toolResults.length > 2) return turn({ text: 'Nothing was condensed.' });
  return turn({ reasoning: 'Numbers.', calls: [{ tool: shell, input: JSON.stringify({ cmd: 'seq 1 9000' }) }] });
};

let standIn: StandIn;
let gateway: Gateway;
beforeAll(async () => {
  standIn = await startStandIn({ provider: 'deepseek', script: longScript, apiKey: upstreamKey });
  gateway = await startGateway({
    Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
    Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});

test("Codex's own compaction ends well", async () => {
  const folders = createClientFolders(gateway.folders.root);
  const run = await runCodex({
    binary: cli,
    args: [
      'codex',
      '--port',
      String(gateway.port),
      ...execFlags,
      '-c',
      `model_auto_compact_token_limit=${limit}`,
      'Go',
    ],
    environment: { CODEX_HOME: path.join(folders.home, '.codex') },
    workspace: folders.workspace,
    home: gateway.folders.home,
  });
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${answer}\n` });
  expect(run.stderr).toContain('context compacted');
  expect(standIn.requests.map(({ refusal }) => refusal).filter(Boolean)).toEqual([]);
});

test('the compaction that Codex leaves to OpenAI ends well with any provider, and the next turn knows of it', async () => {
  const folders = createClientFolders(gateway.folders.root);
  const before = standIn.requests.length;
  const codex = (...args: string[]) =>
    runCodex({
      binary: pinnedCodex(),
      args: [
        ...execFlags,
        ...args.slice(0, -1),
        '-c',
        `openai_base_url="${gateway.url}/v1"`,
        '-c',
        `model_auto_compact_token_limit=${limit}`,
        '-m',
        'auto',
        ...args.slice(-1),
      ],
      environment: { CODEX_API_KEY: 'any' },
      ...folders,
    });
  const run = await codex('Go');
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${answer}\n` });
  expect(run.stderr).toContain('context compacted');
  const asked = standIn.requests.slice(before);
  expect(asked.map(({ refusal }) => refusal).filter(Boolean)).toEqual([]);
  expect(asked.filter(({ body }) => !('tools' in body))).toHaveLength(1);
  // The sealed item itself never reaches a provider.
  expect(JSON.stringify(asked.map(({ body }) => body))).not.toContain('ccr1:');

  const resumed = await codex('resume', '--last', 'And now?');
  expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
  expect(JSON.stringify(standIn.requests.at(-1)?.body)).toContain('HAND-OVER-NOTE');
});
