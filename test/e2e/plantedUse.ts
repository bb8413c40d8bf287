// Uses a gateway in every way that writes something down.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { plantedIn } from '../support/plantedForms.ts';
import type { JsonObject } from '../upstream/json.ts';
import type { Gateway } from './gateway.ts';
import { allKeys, keys, prompts, toolName, type Way } from './plantedTexts.ts';

/** Keeps what was seen, and where. */
export type Note = (where: string, text: string) => unknown;

const headers = {
  'content-type': 'application/json',
  authorization: `Bearer ${keys.client}`,
  'x-session-id': prompts.conversation,
};

/** Sends a request. Its answer may quote the conversation, but no key. */
async function ask(
  gateway: Gateway,
  url: string,
  body: JsonObject,
  more: Record<string, string> = {},
): Promise<JsonObject> {
  const response = await fetch(gateway.url + url, {
    method: 'POST',
    headers: { ...headers, ...more },
    body: JSON.stringify(body),
  });
  const text = await response.text().catch(() => '');
  const said = `${JSON.stringify([...response.headers])}\n${text}`;
  expect(plantedIn(said, allKeys), `${url} ${JSON.stringify(body).slice(0, 100)}`).toEqual([]);
  return text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {};
}

const ways: Way[] = ['answer', 'quote', 'break', 'limit'];

export async function talk(gateway: Gateway): Promise<void> {
  for (const model of ways) {
    for (const stream of [true, false]) {
      const chat = [
        { role: 'system', content: prompts.system },
        { role: 'user', content: prompts.text },
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 't',
              type: 'function',
              function: { name: toolName, arguments: JSON.stringify({ planted: prompts.text }) },
            },
          ],
        },
        { role: 'tool', tool_call_id: 't', content: prompts.result },
      ];
      const tools = [
        {
          type: 'function',
          function: { name: toolName, description: prompts.system, parameters: { type: 'object' } },
        },
      ];
      await ask(gateway, '/v1/chat/completions', {
        model: `one,${model}`,
        stream,
        messages: chat,
        tools,
        user: prompts.conversation,
      });
      const messages = [{ role: 'user', content: prompts.text }];
      await ask(gateway, '/v1/messages', {
        model: `one,${model}`,
        stream,
        max_tokens: 100,
        system: prompts.system,
        messages,
        metadata: { user_id: prompts.conversation },
      });
      await ask(gateway, '/v1/responses', {
        model: `one,${model}`,
        stream,
        instructions: prompts.system,
        input: prompts.text,
        prompt_cache_key: prompts.conversation,
      });
    }
  }
  const first = await ask(gateway, '/v1/responses', { model: 'one,answer', input: prompts.text });
  await ask(gateway, '/v1/responses', {
    model: 'one,answer',
    input: prompts.result,
    previous_response_id: first['id'],
  });
  await ask(gateway, '/v1/messages/count_tokens', {
    model: 'one,answer',
    messages: [{ role: 'user', content: prompts.text }],
  });
  await ask(gateway, '/v1/responses/compact', {
    model: 'one,answer',
    input: [{ type: 'message', role: 'user', content: prompts.text }],
  });
  await ask(gateway, '/preset/none/v1/messages', {
    model: 'one,answer',
    max_tokens: 9,
    messages: [{ role: 'user', content: prompts.text }],
  });
  await ask(gateway, '/v1/chat/completions', { model: 'a model of nobody', messages: 'no list' });
  await ask(
    gateway,
    '/v1/chat/completions',
    { messages: [{ role: 'user', content: prompts.text }] },
    { authorization: 'Bearer wrong' },
  );
  const leaving = AbortSignal.timeout(30);
  const body = JSON.stringify({
    model: 'one,break',
    stream: true,
    messages: [{ role: 'user', content: prompts.text }],
  });
  await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body, signal: leaving }).catch(
    () => undefined,
  );
}

const pages = [
  'usage',
  'usage?since=1h&by=conversation',
  'usage?by=model',
  'token-drift',
  'token-audit',
  'throughput',
  'frontend-metrics',
  'latencies',
  'models',
  'models?client_version=0.169.0',
  'presets',
];

export async function readPages(gateway: Gateway, note: Note): Promise<void> {
  for (const page of ['/health', '/metrics', ...pages.map((name) => `/v1/${name}`)]) {
    const response = await fetch(gateway.url + page, { headers });
    expect(response.status, page).toBe(200);
    note(page, `${JSON.stringify([...response.headers])}\n${await response.text()}`);
  }
  const run = readdirSync(path.join(gateway.folders.home, '.claude-code-router/run')).find((name) =>
    /^\d+\.json$/.test(name),
  );
  const { token } = JSON.parse(
    readFileSync(path.join(gateway.folders.home, '.claude-code-router/run', run ?? ''), 'utf8'),
  ) as { token: string };
  for (const page of ['state', 'requests', 'requests/last', 'log']) {
    const response = await fetch(`${gateway.url}/ccr/${page}`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status, page).toBe(200);
    note(page, await response.text());
  }
}

export async function runCommands(gateway: Gateway, environment: Record<string, string>, note: Note): Promise<void> {
  const file = path.join(gateway.folders.workspace, 'body.json');
  writeFileSync(file, JSON.stringify({ model: 'one,answer', messages: [{ role: 'user', content: prompts.text }] }));
  const bundle = path.join(gateway.folders.home, 'bundle.json');
  const commands = [
    ['status'],
    ['status', '--json'],
    ['validate'],
    ['validate', '--live'],
    ['doctor'],
    ['logs', '-n', '1000'],
    ['logs', '--json'],
    ['explain'],
    ['explain', '--json'],
    ['route', file],
    ['captures', 'list', '--json'],
    ['captures', 'list', '--stats'],
    ['captures', 'replay'],
    ['captures', 'bundle', '--output', bundle],
    ['test-model', 'one,answer'],
    ['test-model', 'one,quote'],
  ];
  for (const command of commands) {
    const { stdout, stderr } = await gateway.ccr(command, environment);
    expect(stderr, command.join(' ')).not.toMatch(/error: (?:unknown|missing|too many)/);
    note(`ccr ${command.join(' ')}`, stdout + stderr);
  }
  writeFileSync(file, '');
}
