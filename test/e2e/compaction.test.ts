// The real Codex CLI in a conversation that grows too long for a chat provider: with its own (local) compaction, and with the
// one that it requests from the provider when it takes us for OpenAI.
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
/** Tokens. More than the first prompt (about 10,000 by the stand-in's count), less than the prompt with the command's output. */
const limit = 16_000;

/** Runs a command with a long output, up to twice; writes a summary when it has no tools; continues from a summary. */
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

test("Codex's own compaction works", async () => {
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

test('the compaction that Codex requests from OpenAI works with any provider, and the next turn gets its summary', async () => {
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
