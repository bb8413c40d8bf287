// Five turns with tools through ccr to every provider: the pinned Codex, and a chat client on the openai SDK that sends
// reasoning back unchanged, or drops it as most do.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../upstream/json.ts';
import { loopAnswer, loopReasoning, loopRemark, loopTask } from '../upstream/loopScript.ts';
import { createClientFolders, execFlags, runCodex } from './codex.ts';
import { cli } from './gateway.ts';
import { waysFor } from '../unit/matrix/sampling.ts';
import { expectLoop, loopRows, startLoops, targetOf, type LoopBench } from './loops.ts';

let bench: LoopBench;
beforeAll(async () => {
  bench = await startLoops(loopRows);
});
afterAll(() => bench?.stop());

const clients = ['Codex', 'a chat client that sends back reasoning', 'a chat client that drops reasoning'] as const;
type Client = (typeof clients)[number];

// One client for each provider by default, all three in a full run.
describe.each(loopRows.map((row, index) => ({ row, ...row, asking: waysFor(clients, index, 0) })))(
  'through ccr to $provider ($name, $model)',
  ({ row, asking }) => {
    test.concurrent.each(asking)('%s', (client) => tryLoop[client](row));
  },
);

type Row = (typeof loopRows)[number];

const tryLoop: Record<Client, (row: Row) => Promise<void>> = {
  Codex: tryCodex,
  'a chat client that sends back reasoning': (row) => tryChat(row, true),
  'a chat client that drops reasoning': (row) => tryChat(row, false),
};

async function tryCodex(row: Row): Promise<void> {
  const { home, workspace } = createClientFolders(bench.gateway.folders.root);
  const flags = ['--json', '-m', targetOf(row)];
  const run = await runCodex({
    binary: cli,
    args: ['codex', '--port', String(bench.gateway.port), ...execFlags, ...flags, loopTask(workspace)],
    environment: { CODEX_HOME: path.join(home, '.codex') },
    workspace,
    home: bench.gateway.folders.home,
  });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expectLoop(bench, row, workspace);
  const events = run.stdout
    .trim()
    .split('\n')
    .map((line): JsonObject => JSON.parse(line));
  const items = events.filter(({ type }) => type === 'item.completed').map(({ item }) => item as JsonObject);
  const texts = (type: string): unknown[] => items.filter((item) => item['type'] === type).map(({ text }) => text);
  expect(texts('agent_message')).toEqual([loopRemark, loopAnswer]);
  expect(texts('reasoning')).toEqual(row.hides ? [] : loopReasoning);
}

async function tryChat(row: Row, sendsBack: boolean): Promise<void> {
  const { workspace } = createClientFolders(bench.gateway.folders.root);
  const said = await chat(targetOf(row), workspace, sendsBack);
  expectLoop(bench, row, workspace);
  expect(said.texts).toEqual([loopRemark, '', '', '', '', loopAnswer]);
  expect(said.reasoning).toEqual(row.hides ? loopReasoning.map(() => '') : loopReasoning);
}

const run = promisify(execFile);
const shell = {
  type: 'function',
  function: {
    name: 'shell',
    parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
  },
} as const;

type Chunk = OpenAI.ChatCompletionChunk;
type Delta = Chunk['choices'][number]['delta'] & { reasoning_content?: string };
type Call = { id: string; type: 'function'; function: { name: string; arguments: string } };

/** The loop of a simple agent, until an answer has no calls. */
async function chat(
  model: string,
  workspace: string,
  sendsBack: boolean,
): Promise<{ texts: string[]; reasoning: string[] }> {
  const client = new OpenAI({ baseURL: `${bench.gateway.url}/v1`, apiKey: 'anything', maxRetries: 0 });
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: loopTask(workspace) }];
  const said = { texts: [] as string[], reasoning: [] as string[] };
  for (let turns = 0; turns < 10; turns += 1) {
    const stream = await client.chat.completions.create({
      model,
      messages,
      tools: [shell],
      stream: true,
      reasoning_effort: 'high',
    });
    const answer = await collect(stream);
    said.texts.push(answer.text);
    said.reasoning.push(answer.reasoning);
    if (answer.calls.length === 0) return said;
    messages.push({
      role: 'assistant',
      content: answer.text,
      tool_calls: answer.calls,
      ...(sendsBack ? { reasoning_content: answer.reasoning } : {}),
    });
    for (const { id, function: called } of answer.calls) {
      const { command } = JSON.parse(called.arguments) as { command: string };
      const { stdout } = await run('sh', ['-c', command], { cwd: workspace });
      messages.push({ role: 'tool', tool_call_id: id, content: stdout });
    }
  }
  throw new Error('The loop did not end.');
}

async function collect(stream: AsyncIterable<Chunk>): Promise<{ text: string; reasoning: string; calls: Call[] }> {
  const answer = { text: '', reasoning: '', calls: [] as Call[] };
  for await (const { choices } of stream) {
    const delta: Delta | undefined = choices[0]?.delta;
    answer.text += delta?.content ?? '';
    answer.reasoning += delta?.reasoning_content ?? '';
    for (const { index, id, function: called } of delta?.tool_calls ?? []) {
      const call = (answer.calls[index] ??= { id: id ?? '', type: 'function', function: { name: '', arguments: '' } });
      call.function.name += called?.name ?? '';
      call.function.arguments += called?.arguments ?? '';
    }
  }
  return answer;
}
