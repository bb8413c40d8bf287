// The guide's commands, as a reader pastes them: sections 2.4, 3.1, 4, 5.3, 6, 7.1 to 7.7 and "Advanced". Only the port
// differs, and `ccr` and `codex` are shell functions for our build. The config is the guide's own (2.1), with its providers'
// URLs leading to stand-ins.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../upstream/json.ts';
import { agentAnswer, agentScript, chatScript } from '../upstream/scripts.ts';
import { agentFiles, createClientFolders, runCodex } from './codex.ts';
import type { ClientFolders, CodexRun } from './codex.ts';
import { askInTerminal, trustWorkspace } from './codexTerminal.ts';
import { cli, freePort, startGateway, writeConfig } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import { advancedConfig, guideConfig, keys, startUpstream } from './guideConfig.ts';
import type { Upstream } from './guideConfig.ts';
import { hasTerminal } from './terminal.ts';

const answer = '15 * 23 = 345';
let upstream: Upstream;
let gateway: Gateway;
let folders: ClientFolders;

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(guideConfig(upstream), keys);
});
afterAll(async () => {
  await gateway?.stop();
  await Promise.all(Object.values(upstream ?? {}).map((standIn) => standIn.close()));
});
beforeEach(() => {
  folders = createClientFolders(gateway.folders.root);
  execFileSync('git', ['init', '--quiet'], { cwd: folders.workspace });
  for (const standIn of Object.values(upstream)) standIn.play(chatScript());
});

describe('2.4 and 7.7 (1): health', () => {
  test('curl http://127.0.0.1:3456/health', async () => {
    expect(await curl('curl http://127.0.0.1:3456/health')).toEqual({ status: 'healthy', version: expect.any(String) });
  });
});

describe('4 Running Codex', () => {
  const exports = [
    'export OPENAI_BASE_URL="http://127.0.0.1:3456/v1"',
    'export OPENAI_API_KEY="any-non-empty-string"',
    'export CODEX_MODEL="gpt-4o"',
  ].join('\n');

  test('4.2 codex exec "Explain this codebase structure"', async () => {
    const run = await shell(`${exports}\ncodex exec "Explain this codebase structure"`);
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${answer}\n` });
    // CODEX_MODEL is used, and Codex has metadata for it.
    expect(run.stderr).toContain('model: gpt-4o');
    expect(run.stderr).not.toContain('Model metadata for');
  });

  test('4.2 codex exec --json "List all Python files"', async () => {
    const run = await shell(`${exports}\ncodex exec --json "List all Python files"`);
    expect(run.code, run.stderr).toBe(0);
    const events = run.stdout
      .trim()
      .split('\n')
      .map((line): JsonObject => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ type: 'turn.completed', usage: { output_tokens: expect.any(Number) } });
    expect(run.stdout).toContain(answer);
  });

  test('4.2 codex exec --model deepseek-chat "Review this code"', async () => {
    const before = upstream.deepseek.requests.length;
    const run = await shell(`${exports}\ncodex exec --model deepseek-chat "Review this code"`);
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${answer}\n` });
    expect(upstream.deepseek.requests.at(-1)?.body['model']).toBe('deepseek-chat');
    expect(upstream.deepseek.requests.length).toBe(before + 1);
  });

  test('4.3 and 7.5 codex exec --full works as an agent, and warns about --full', async () => {
    upstream.zai.play(agentScript());
    const run = await shell(`${exports}\ncodex exec --full "Implement a REST API for user management"`);
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
    expect(run.stderr).toContain('-s workspace-write');
    expect(agentFiles(folders.workspace)).toEqual({ shell: 'hello-from-shell\n', patched: 'hello-from-patch\n' });
  });

  test.runIf(hasTerminal).each(['codex', 'codex --model gpt-4o', 'codex --model o3-mini'])(
    '4.1 %s',
    async (command) => {
      const codexHome = path.join(folders.home, '.codex');
      trustWorkspace(codexHome, folders.workspace);
      const [program, ...flags] = command.split(' ');
      expect(program).toBe('codex');
      const session = await askInTerminal({
        command: [process.execPath, cli, 'codex', ...flags],
        environment: environment(),
        workspace: folders.workspace,
        home: gateway.folders.home,
        question: 'What is 15 * 23?',
        // The title below is the model's answer to Codex's own request for a thread title.
        answer: /• 15 \* 23 = 345$.* · A short text/ms,
      });
      expect(session.code, session.ended).toBe(0);
      expect(Object.values(session).join('\n')).not.toMatch(/think>|metadata/i);
      expect(refusals()).toEqual([]);
    },
  );

  test('4.4 latencies and request counts', async () => {
    await shell('codex exec "Say hello"');
    const latencies = await curl('curl http://127.0.0.1:3456/v1/latencies');
    expect(latencies).toContainEqual({
      tier: 'zai',
      ewma_seconds: expect.any(Number),
      sample_count: expect.any(Number),
    });
    const { stdout } = await shell('curl http://127.0.0.1:3456/metrics | grep ccr_requests_total');
    expect(stdout).toMatch(/^ccr_requests_total\{tier="zai"\} [1-9]/m);
  });
});

describe('5.3 Verifying reasoning output', () => {
  test.each([
    ['deepseek-reasoner', '15 * 23 = 15 * 20 + 15 * 3 = 300 + 45.'],
    ['glm-5', '15 * 23 = 15 * 20 + 15 * 3 = 300 + 45.'],
    ['MiniMax-M2.1', '15 * 23 = 15 * 20 + 15 * 3 = 300 + 45.'],
  ])('%s', async (model, reasoning) => {
    const reply = await curl(`curl -X POST http://127.0.0.1:3456/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer test" \\
  -d '{
    "model": "${model}",
    "messages": [{"role": "user", "content": "What is 15 * 23?"}],
    "max_tokens": 1000
  }'`);
    expect(reply).toMatchObject({
      object: 'chat.completion',
      model,
      choices: [{ message: { role: 'assistant', content: answer, reasoning_content: reasoning } }],
    });
  });

  test("5.2 the guide's own assistant message with a tool call is accepted by DeepSeek", async () => {
    const messages = [
      { role: 'user', content: 'What does the README say?' },
      {
        role: 'assistant',
        content: '',
        reasoning_content: 'Let me analyze this step by step...',
        tool_calls: [
          { id: 'call_123', type: 'function', function: { name: 'read_file', arguments: '{"path":"README.md"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_123', content: '# Hello' },
      { role: 'assistant', content: "Here's the file content.", reasoning_content: '' },
      { role: 'user', content: 'Thanks' },
    ];
    const body = JSON.stringify({ model: 'deepseek-reasoner', messages });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body });
    expect(response.status).toBe(200);
    expect(upstream.deepseek.requests.at(-1)?.body['messages']).toEqual(messages);
  });
});

test('6 OpenRouter gets its attribution headers', async () => {
  const reply = await curl(`curl -X POST http://127.0.0.1:3456/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -d '{"model": "openrouter,openrouter/pony-alpha", "messages": [{"role": "user", "content": "Hello"}]}'`);
  expect(reply).toMatchObject({ choices: [{ message: { content: answer } }] });
  expect(upstream.openrouter.requests.at(-1)?.headers).toMatchObject({
    'http-referer': expect.stringMatching(/^https:\/\//),
    'x-title': 'ccr-vscode',
  });
});

describe('7 Troubleshooting', () => {
  test('7.1 ccr status, lsof, and ccr start when it is not running', async () => {
    const status = await shell('ccr status');
    expect(status.code, status.stderr).toBe(0);
    expect(status.stdout).toContain(String(gateway.port));
    const home = createClientFolders(gateway.folders.root).home;
    const elsewhere = await shell('ccr status', { CCR_URL: `http://127.0.0.1:${await freePort()}`, HOME: home });
    expect(elsewhere.code).toBe(1);
  });

  test('7.2 ccr validate, with the keys and without', async () => {
    const { stdout } = await shell('export OPENAI_API_KEY="any-non-empty-string"\necho $OPENAI_API_KEY');
    expect(stdout).toBe('any-non-empty-string\n');
    const good = await shell('ccr validate', keys);
    expect(good.code, good.stdout + good.stderr).toBe(0);
    const bad = await shell('ccr validate', { ...keys, ZAI_API_KEY: '' });
    expect(bad.code).toBe(1);
    expect(bad.stdout + bad.stderr).toMatch(/config\.json:\d+:\d+/);
    expect(bad.stdout + bad.stderr).toContain('ZAI_API_KEY');
  });

  test('7.3 the list of models, and a mapped model', async () => {
    const list = (await curl('curl http://127.0.0.1:3456/v1/models')) as { data: { id: string }[] };
    const ids = list.data.map((model) => model.id);
    expect(ids).toEqual(expect.arrayContaining(['zai,glm-5', 'glm-5', 'deepseek,deepseek-chat', 'coding', 'auto']));
    await curl(`curl -X POST http://127.0.0.1:3456/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -d '{"model": "your-model", "messages": [{"role": "user", "content": "Hello"}]}'`);
    expect(upstream.minimax.requests.at(-1)?.body['model']).toBe('MiniMax-M2.1');
  });

  test('7.4 and 7.5 metrics for failures and transformers', async () => {
    const { stdout } = await shell('curl http://127.0.0.1:3456/metrics | grep ccr_failures');
    expect(stdout).toContain('ccr_failures_total');
    await shell('codex exec "Say hello"');
    const transformers = await shell('curl http://127.0.0.1:3456/metrics | grep transformer');
    expect(transformers.stdout).toMatch(/ccr_transformer_applied_total\{transformer="\w+"\} [1-9]/);
  });

  test('7.6 debug output of both sides', async () => {
    const port = await freePort();
    const home = createClientFolders(gateway.folders.root).home;
    writeConfig(home, { ...guideConfig(upstream), PORT: port });
    const script = `unset CCR_URL
RUST_LOG=ccr_rust=debug ccr start > log 2>&1 &
for attempt in $(seq 200); do curl --fail http://127.0.0.1:3456/health 2> /dev/null && break; sleep 0.05; done
curl -X POST http://127.0.0.1:3456/v1/chat/completions -H "Content-Type: application/json" \\
  -d '{"model": "glm-5", "messages": [{"role": "user", "content": "Hello"}]}' > /dev/null
ccr stop > /dev/null; wait; cat log`;
    const run = await shell(script, { ...keys, HOME: home }, port);
    expect(run.stdout, run.stderr).toContain('"status":"healthy"');
    expect(run.stdout).toMatch(/debug/i);
    expect(run.stdout).not.toContain('key-of-zai');
    const codex = await shell('DEBUG=* codex exec "Test command"');
    expect(codex, codex.stderr).toMatchObject({ code: 0, stdout: `${answer}\n` });
  });

  test('7.7 the whole flow by hand', async () => {
    const reply = await shell(`export OPENAI_API_KEY="any-non-empty-string"
curl -X POST http://127.0.0.1:3456/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $OPENAI_API_KEY" \\
  -d '{
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "Hello"}],
    "max_tokens": 50
  }'`);
    expect(JSON.parse(reply.stdout)).toMatchObject({ model: 'gpt-4o', choices: [{ message: { content: answer } }] });
    expect(upstream.zai.requests.at(-1)).toMatchObject({
      headers: { authorization: 'Bearer key-of-zai' },
      body: { model: 'glm-5', max_tokens: 50 },
    });
    const codex = await shell('codex exec --model gpt-4o "Say hello"');
    expect(codex, codex.stderr).toMatchObject({ code: 0, stdout: `${answer}\n` });
  });
});

describe('Advanced', () => {
  let advanced: Gateway;
  beforeAll(async () => {
    advanced = await startGateway(advancedConfig(upstream), keys);
  });
  afterAll(() => advanced?.stop());

  test('a preset by its URL, with its parameters', async () => {
    const reply = await curl(
      `curl http://127.0.0.1:3456/preset/coding/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -d '{"messages": [{"role": "user", "content": "Hello"}]}'`,
      advanced.port,
    );
    expect(reply).toMatchObject({ choices: [{ message: { content: answer } }] });
    const body = upstream.openai.requests.at(-1)?.body ?? {};
    expect(body).toMatchObject({ model: 'gpt-4o', temperature: 0.2 });
    expect(body['max_tokens'] ?? body['max_completion_tokens']).toBe(4096);
  });

  test('the list of presets', async () => {
    expect(await curl('curl http://127.0.0.1:3456/v1/presets', advanced.port)).toContainEqual({
      name: 'coding',
      route: 'openai,gpt-4o',
      max_tokens: 4096,
      temperature: 0.2,
    });
  });

  test('an unknown preset is a 404 that lists the known ones', async () => {
    const reply = await curl(
      `curl http://127.0.0.1:3456/preset/nothing/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -d '{"messages": [{"role": "user", "content": "Hello"}]}'`,
      advanced.port,
    );
    expect(JSON.stringify(reply)).toContain('coding');
  });
});

function environment(): Record<string, string> {
  return { CODEX_HOME: path.join(folders.home, '.codex'), CCR_URL: gateway.url };
}

/** Runs lines of the guide in bash. */
function shell(lines: string, more: Record<string, string> = {}, port = gateway.port): Promise<CodexRun> {
  const program = `"${process.execPath}" "${cli}"`;
  const functions = `ccr() { ${program} "$@"; }\ncodex() { ${program} codex "$@"; }\ncurl() { command curl --silent --show-error "$@"; }`;
  return runCodex({
    binary: 'bash',
    args: ['-c', `${functions}\n${lines.replaceAll('127.0.0.1:3456', `127.0.0.1:${port}`)}`],
    environment: { ...environment(), ...more },
    workspace: folders.workspace,
    home: gateway.folders.home,
  });
}

async function curl(command: string, port = gateway.port): Promise<unknown> {
  const { stdout, stderr } = await shell(command, {}, port);
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout);
}

function refusals(): string[] {
  const requests = Object.values(upstream).flatMap((standIn) => standIn.requests);
  return requests.map((request) => request.refusal).filter((text) => text !== undefined);
}
