// `ccr mcp`, asked by the official client.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { cli, freePort, providerEntry, startGateway, upstreamKey, type Gateway } from './gateway.ts';

const question = 'A question that nobody else should see';

let standIn: StandIn;
let gateway: Gateway;
let client: Client;
beforeAll(async () => {
  standIn = await startStandIn({ provider: 'deepseek', script: always(turn({ text: 'Yes.' })), apiKey: upstreamKey });
  gateway = await startGateway({
    Providers: [
      providerEntry('some', standIn, ['m'], { pricing: { input_per_million_tokens: 2, output_per_million_tokens: 8 } }),
      { name: 'keyless', api_base_url: standIn.url, api_key: '${KEYLESS}', models: ['k'] },
    ],
    Router: { default: 'some,m' },
    Presets: { careful: { route: 'some,m' } },
  });
  const body = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: question }] });
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body });
  expect(reply.status).toBe(200);
  client = await connect(gateway.port);
});
afterAll(async () => {
  await client?.close();
  await gateway?.stop();
  await standIn?.close();
});

async function connect(port: number): Promise<Client> {
  const connected = new Client({ name: 'test', version: '1' });
  const env = { PATH: process.env['PATH'] ?? '', HOME: gateway.folders.home };
  const args = [cli, 'mcp', '--port', String(port)];
  await connected.connect(new StdioClientTransport({ command: process.execPath, args, env }));
  return connected;
}

async function call(name: string, input: object = {}, at = client): Promise<{ text: string; isError: boolean }> {
  const { content, isError } = await at.callTool({ name, arguments: { ...input } });
  const [part] = content as { text: string }[];
  return { text: part?.text ?? '', isError: isError === true };
}

const read = async (name: string, input: object = {}): Promise<unknown> => JSON.parse((await call(name, input)).text);

describe('ccr mcp', () => {
  test('lists its tools, all of which only read', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['list_models', 'usage', 'recent_requests', 'explain_request']);
    for (const tool of tools) expect(tool.annotations?.readOnlyHint).toBe(true);
  });

  test('says which models there are, what they cost and how they do', async () => {
    expect(await read('list_models')).toMatchObject({
      models: [
        { target: 'some,m', prices: { input: 2, output: 8 }, state: 'ok' },
        { target: 'keyless,k', state: 'off: it needs an API key' },
      ],
      presets: [{ name: 'careful', route: 'some,m' }],
    });
  });

  test('says what was used, and what went through', async () => {
    expect(await read('usage', { since: '1h', by: 'model' })).toMatchObject({ total_requests: 1 });
    expect(await read('recent_requests')).toEqual([
      expect.objectContaining({
        model: 'auto',
        target: 'some,m',
        reason: 'default',
        costUsd: expect.any(Number) as number,
      }),
    ]);
  });

  test('says why a request went where it went, and never what was said', async () => {
    const { text } = await call('explain_request');
    expect(text).toMatch(/Rule: default, which names some,m[^]*sent its first content/);
    const answers = await Promise.all(['list_models', 'usage', 'recent_requests'].map((name) => call(name)));
    expect(JSON.stringify([text, answers])).not.toMatch(new RegExp(`${question}|${upstreamKey}`));
  });

  test.each<[string, object, RegExp]>([
    ['explain_request', { id: 'gone' }, /no record of a request "gone"/],
    ['explain_request', { id: '../x' }, /id/],
    ['usage', { by: 'nobody' }, /by/],
    ['delete_everything', {}, /no tool "delete_everything"/],
  ])('%s with %j is an error that says why', async (name, input, words) => {
    const { text, isError } = await call(name, input);
    expect(isError).toBe(true);
    expect(text).toMatch(words);
  });

  test('may be started before the gateway', async () => {
    const early = await connect(await freePort());
    const { text, isError } = await call('list_models', {}, early);
    await early.close();
    expect(isError).toBe(true);
    expect(text).toContain('not running');
  });
});
