// Five turns with tools through ccr to every provider: the real Claude Code.
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectsOf, isObject, type JsonObject } from '../upstream/json.ts';
import { loopAnswer, loopReasoning, loopRemark, loopTask } from '../upstream/loopScript.ts';
import { createClientFolders, runCodex as runClient } from './codex.ts';
import { cli } from './gateway.ts';
import { installClaudeCode } from './installClients.mjs';
import { expectLoop, loopRows, startLoops, targetOf, type LoopBench } from './loops.ts';

let bench: LoopBench;
let bin: string;
beforeAll(async () => {
  bench = await startLoops(loopRows);
  bin = path.join(bench.gateway.folders.root, 'bin');
  mkdirSync(bin);
  symlinkSync(await installClaudeCode(), path.join(bin, 'claude'));
});
afterAll(() => bench?.stop());

describe.each(loopRows)('through ccr to $provider ($name, $model)', (row) => {
  test.concurrent('Claude Code', async () => {
    const { home, workspace } = createClientFolders(bench.gateway.folders.root);
    const flags = ['-p', loopTask(workspace), '--output-format', 'stream-json', '--verbose', '--model', targetOf(row)];
    const run = await runClient({
      binary: cli,
      args: ['claude', '--port', String(bench.gateway.port), ...flags, '--allowedTools', 'Bash,Write,Read'],
      environment: {
        PATH: [bin, process.env['PATH'] ?? ''].join(path.delimiter),
        CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '1',
      },
      workspace,
      home: bench.gateway.folders.home,
    });
    expect(run.code, run.stdout + run.stderr).toBe(0);
    const events = run.stdout
      .trim()
      .split('\n')
      .map((line): JsonObject => JSON.parse(line));
    const blocks = events
      .filter(({ type }) => type === 'assistant')
      .flatMap(({ message }) => objectsOf(isObject(message) ? message['content'] : []));
    const texts = (type: string): unknown[] =>
      blocks.filter((block) => block['type'] === type).map((block) => block[type]);
    expect(events.at(-1)).toMatchObject({ type: 'result', is_error: false, result: loopAnswer });
    expect(texts('text')).toEqual([loopRemark, loopAnswer]);
    expectLoop(bench, row, workspace);
    // A proof that arrives after a call is a block without text.
    expect(texts('thinking').filter((text) => text !== '')).toEqual(row.hides ? [] : loopReasoning);
  });
});
