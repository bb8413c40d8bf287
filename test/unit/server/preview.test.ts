import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { createLog } from '../../../src/observe/log.ts';
import { runGateway, type RunningGateway } from '../../../src/server/run.ts';

let home: string;
let gateway: RunningGateway;
let printed: string[];
let complaints: string[];

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-preview-'));
  printed = [];
  complaints = [];
  const file = path.join(home, 'config.json');
  const provider = (name: string) => ({
    name,
    // Nothing listens there.
    api_base_url: 'http://127.0.0.1:1/v1',
    models: ['m'],
    pricing: { input_per_million_tokens: 2, output_per_million_tokens: 4 },
    model_info: { m: { context_window: 100_000 } },
  });
  writeFileSync(
    file,
    JSON.stringify({
      PORT: 0,
      Providers: [provider('a'), provider('b')],
      Router: {
        default: 'a,m',
        background: 'b,m',
        tierRetries: { 'tier-0': { max_retries: 0 }, 'tier-1': { max_retries: 0 } },
      },
    }),
  );
  const log = createLog(
    () => 'error',
    () => undefined,
  );
  gateway = await runGateway({ file, environment: {}, homeDirectory: home, version: '0', log });
});
afterEach(async () => {
  await gateway.stop(0);
  rmSync(home, { recursive: true });
});

function run(...commandLine: string[]): Promise<number> {
  return runProgram(commandLine, {
    environment: {},
    homeDirectory: home,
    currentDirectory: home,
    platform: 'linux',
    version: '0',
    cliPath: '/ccr/cli.js',
    print: (line) => void printed.push(line),
    complain: (line) => void complaints.push(line),
  });
}

const port = (): string[] => ['--port', String(gateway.port)];

it('ccr route says what would happen to a request, and sends it to no provider', async () => {
  writeFileSync(
    path.join(home, 'body.json'),
    JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hi' }] }),
  );
  expect(await run('route', 'body.json', ...port())).toBe(0);
  expect(printed.join('\n')).toContain('Rule: default, which names a,m, since');
  printed = [];
  const aside = 'x-claude-code-request-class: auxiliary';
  expect(await run('route', 'body.json', '--header', aside, '--json', ...port())).toBe(0);
  const view = JSON.parse(printed[0] ?? '') as { reason: string; attempts: unknown[]; route: { candidates: object[] } };
  expect(view).toMatchObject({ reason: 'background', attempts: [], intent: { class: 'auxiliary' } });
  expect(view.route.candidates[0]).toMatchObject({
    target: 'b,m',
    position: 'matched',
    contextWindow: 100_000,
    prices: { input: 2, output: 4 },
  });
});

it.each([
  ['a preset that does not exist', ['--preset', 'nope'], 'Hi', 'There is no preset "nope"'],
  ['an invalid body', [], 7, 'messages[0].content'],
])('ccr route says what the client would be told: %s', async (_, more, content, words) => {
  writeFileSync(path.join(home, 'body.json'), JSON.stringify({ messages: [{ role: 'user', content }] }));
  expect(await run('route', 'body.json', ...more, ...port())).toBe(1);
  expect(complaints.join('\n')).toContain(words);
});

it('ccr route names a file that it can not read', async () => {
  expect(await run('route', 'missing.json', ...port())).toBe(1);
  expect(complaints[0]).toMatch(/^ccr: Can't read the request: .*missing\.json/);
});

it('ccr explain tells the latest request, its targets and attempts', async () => {
  expect(await run('explain', ...port())).toBe(1);
  expect(complaints[0]).toContain('CCR has answered no request yet.');
  const body = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hi' }] });
  const headers = { 'content-type': 'application/json', 'x-request-id': 'req_mine' };
  await (await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })).text();
  expect(await run('explain', 'req_mine', ...port())).toBe(0);
  const text = printed.join('\n');
  expect(text).toContain('req_mine: A client asked for auto at ');
  expect(text).toContain('Request: main');
  expect(text).toMatch(/ {2}1\. a,m: matched \(the rule names it\); \d+ of 100000 tokens; \$2 in, \$4 out per million/);
  expect(text).toMatch(/ {2}at \d+ ms: b,m failed after \d+ ms: /);
  expect(text).toMatch(/^Error: /m);
});
