// The Messages wire on either side of a whole gateway, against the strict stand-ins, read by the official SDKs.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { endpointUrl } from '../../../src/gateway/upstreamCall.ts';
import { createGatewayBench, createOpenStream, replyWith, type Asked } from '../../support/gatewayBench.ts';
import { askStandIn } from '../../support/standInAnswer.ts';
import { agentAnswer, agentReasoning, parallelAgentScript } from '../../upstream/scripts.ts';
import { startStandIn, type ProviderName, type StandIn, type StandInOptions } from '../../upstream/standIn.ts';

let running: StandIn[] = [];
afterEach(async () => {
  await Promise.all(running.map((standIn) => standIn.close()));
  running = [];
});

type Configured = { provider: ProviderName; name: string; model: string; protocol?: string };

async function start(provider: ProviderName, more: Partial<StandInOptions> = {}): Promise<StandIn> {
  const standIn = await startStandIn({ provider, script: parallelAgentScript(), apiKey: 'k', ...more });
  running.push(standIn);
  return standIn;
}

async function benchFor(...configured: Configured[]) {
  const standIns = await Promise.all(configured.map(({ provider }) => start(provider)));
  const Providers = configured.map(({ name, model, protocol }, index) => ({
    name,
    api_base_url: standIns[index]?.url,
    api_key: 'k',
    models: [model],
    ...(protocol && { protocol }),
  }));
  const [first] = configured;
  const config = { Providers, Router: { default: `${first?.name},${first?.model}`, tierRetries: {} } };
  return { standIns, bench: createGatewayBench(config, askStandIn) };
}
type Bench = ReturnType<typeof createGatewayBench>;

const refusals = (standIn: StandIn | undefined) => standIn?.requests.flatMap(({ refusal }) => refusal ?? []);
const received = (standIn: StandIn | undefined) => standIn?.requests.at(-1)?.replays.map((replay) => replay.received);

/** An SDK whose server is the gateway of a bench. */
function serve(bench: Bench, dialect: Asked['dialect'], client: Asked['client']) {
  return async (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
    const asked = bench.ask({ dialect, body: JSON.parse(String(init?.body)) as object, ...(client && { client }) });
    await asked.done;
    return new Response(asked.received.text, { status: asked.received.status, headers: asked.received.headers });
  };
}

const shell = { name: 'Bash', input_schema: { type: 'object' as const, properties: { command: { type: 'string' } } } };

/** One turn of Claude Code: a question, two calls at once, their results, an answer. */
async function claudeTurn(bench: Bench, model: string, streamed = true): Promise<Anthropic.Message[]> {
  const fetch = serve(bench, 'anthropic-messages', 'claude-code');
  const client = new Anthropic({ apiKey: 'x', baseURL: 'http://ccr.test', maxRetries: 0, timeout: 10_000, fetch });
  const messages: Anthropic.MessageParam[] = [
    { role: 'user', content: 'Create two files' },
    { role: 'system', content: [{ type: 'text', text: 'Environment', cache_control: { type: 'ephemeral' } }] },
  ];
  const ask = async (): Promise<Anthropic.Message> => {
    const body = {
      model,
      messages,
      max_tokens: 32_000,
      tools: [shell],
      thinking: { type: 'adaptive' as const },
      system: [{ type: 'text' as const, text: 'Be brief.' }],
    };
    return streamed ? client.messages.stream(body).finalMessage() : client.messages.create(body);
  };
  const first = await ask();
  const calls = first.content.filter((block) => block.type === 'tool_use');
  const results = calls.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'done' }));
  messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: results });
  return [first, await ask()];
}

const chatProviders: Configured[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'minimax', name: 'minimax', model: 'MiniMax-M2.1' },
  { provider: 'kimi', name: 'kimi', model: 'kimi-k2.6' },
  { provider: 'openai-responses', name: 'openai', model: 'gpt-5.6', protocol: 'responses' },
];

describe.each(chatProviders)('Claude Code to $provider', (configured) => {
  it.each([
    ['streamed', true],
    ['whole', false],
  ] as const)('%s: two calls at once, reasoning and back', async (_how, streamed) => {
    const { bench, standIns } = await benchFor(configured);
    const [first, second] = await claudeTurn(bench, 'auto', streamed);
    expect(first?.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use', 'tool_use']);
    expect(first?.content[0]).toMatchObject({ thinking: agentReasoning[0] });
    expect(first?.stop_reason).toBe('tool_use');
    expect(second?.content.at(-1)).toMatchObject({ type: 'text', text: agentAnswer });
    expect(second?.usage.output_tokens).toBeGreaterThan(0);
    expect(refusals(standIns[0])).toEqual([]);
    expect(received(standIns[0])).toEqual([agentReasoning[0]]);
  });
});

describe('to a provider of the Messages wire', () => {
  it.each(['claude-sonnet-4-5', 'claude-opus-4-7'])('Claude Code is relayed (%s)', async (model) => {
    const { bench, standIns } = await benchFor({
      provider: 'anthropic',
      name: 'anthropic',
      model,
      protocol: 'anthropic',
    });
    const [first, second] = await claudeTurn(bench, 'auto');
    expect(first).toMatchObject({ model: 'auto', usage: { cache_read_input_tokens: expect.any(Number) } });
    expect(second?.content.at(-1)).toMatchObject({ text: agentAnswer });
    expect(refusals(standIns[0])).toEqual([]);
    expect(standIns[0]?.requests[1]?.body['messages']).toMatchObject([
      { role: 'user' },
      { role: 'system' },
      { role: 'assistant' },
      { role: 'user' },
    ]);
  });

  it.each(['claude-sonnet-4-5', 'claude-opus-4-7'])(
    'Codex is translated, its reasoning signed and back (%s)',
    async (model) => {
      const { bench, standIns } = await benchFor({
        provider: 'anthropic',
        name: 'anthropic',
        model,
        protocol: 'anthropic',
      });
      expect(await codexTurn(bench)).toBe(agentAnswer);
      expect(refusals(standIns[0])).toEqual([]);
      expect(received(standIns[0])).toEqual([agentReasoning[0]]);
    },
  );

  it('blank text is left out of a relay, which would be rejected with it', async () => {
    const { standIns, bench } = await benchFor({
      provider: 'anthropic',
      name: 'anthropic',
      model: 'claude-sonnet-4-5',
      protocol: 'anthropic',
    });
    const text = (said: string) => ({ type: 'text', text: said });
    const messages = [
      { role: 'user', content: [text('Hi'), text('')] },
      { role: 'assistant', content: [text('')] },
      { role: 'user', content: [text(' \n'), text('Go on')] },
    ];
    const asked = bench.ask({
      dialect: 'anthropic-messages',
      body: { model: 'claude-sonnet-4-5', max_tokens: 9, system: [text('')], messages },
    });
    await asked.done;
    expect(refusals(standIns[0])).toEqual([]);
    expect(asked.received.status).toBe(200);
  });

  it('gets the provider’s key in its header, the version, and, on a relay only, the client’s betas', async () => {
    const { bench, standIns } = await benchFor({
      provider: 'anthropic',
      name: 'anthropic',
      model: 'claude-opus-4-7',
      protocol: 'anthropic',
    });
    const headers = { 'anthropic-beta': 'b-1', 'x-api-key': 'client-secret', authorization: 'Bearer client-secret' };
    const messages = [{ role: 'user', content: 'hi' }];
    await bench.ask({ dialect: 'anthropic-messages', body: { messages, max_tokens: 9 }, headers }).done;
    await bench.ask({ dialect: 'openai-chat', body: { messages }, headers }).done;
    const sent = standIns[0]?.requests.map((request) => request.headers);
    expect(sent).toMatchObject([
      { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'b-1' },
      { 'x-api-key': 'k' },
    ]);
    expect(sent?.[1]).not.toHaveProperty('anthropic-beta');
    expect(JSON.stringify(sent)).not.toContain('client-secret');
  });
});

it('a conversation moves from another provider to Anthropic and back', async () => {
  const { bench, standIns } = await benchFor(
    { provider: 'kimi', name: 'kimi', model: 'kimi-k2.6' },
    { provider: 'anthropic', name: 'anthropic', model: 'claude-sonnet-4-5', protocol: 'anthropic' },
  );
  const fetch = serve(bench, 'anthropic-messages', 'claude-code');
  const client = new Anthropic({ apiKey: 'x', baseURL: 'http://ccr.test', maxRetries: 0, timeout: 10_000, fetch });
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Create two files' }];
  const models = ['kimi,kimi-k2.6', 'anthropic,claude-sonnet-4-5', 'kimi,kimi-k2.6', 'anthropic,claude-sonnet-4-5'];
  for (const model of models) {
    const thinking = { type: 'enabled' as const, budget_tokens: 2000 };
    const reply = await client.messages
      .stream({ model, messages, max_tokens: 4000, tools: [shell], thinking })
      .finalMessage();
    const results = reply.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'done' }] : [],
    );
    messages.push(
      { role: 'assistant', content: reply.content },
      { role: 'user', content: results.length > 0 ? results : 'And again' },
    );
  }
  expect(standIns.map((standIn) => standIn.requests.map(({ status }) => status))).toEqual([
    [200, 200],
    [200, 200],
  ]);
});

/** A turn of Codex: what the openai SDK makes of our stream, sent back as it is. */
async function codexTurn(bench: Bench): Promise<string> {
  const client = new OpenAI({
    apiKey: 'x',
    baseURL: 'http://ccr.test',
    maxRetries: 0,
    fetch: serve(bench, 'openai-responses', 'codex'),
  });
  const tools = [
    {
      type: 'function' as const,
      name: 'exec_command',
      strict: false,
      parameters: { type: 'object', properties: { cmd: { type: 'string' } } },
    },
  ];
  const input: OpenAI.Responses.ResponseInputItem[] = [
    { type: 'message', role: 'developer', content: 'Be brief.' },
    { type: 'message', role: 'user', content: 'Create two files' },
  ];
  const ask = () =>
    client.responses
      .stream({ model: 'auto', input, tools, reasoning: { effort: 'high', summary: 'auto' } })
      .finalResponse();
  const first = await ask();
  for (const item of first.output) {
    const { parsed_arguments: _, ...rest } = item as { parsed_arguments?: unknown };
    input.push(rest as OpenAI.Responses.ResponseInputItem);
  }
  for (const item of first.output)
    if (item.type === 'function_call')
      input.push({ type: 'function_call_output', call_id: item.call_id, output: 'done' });
  return (await ask()).output_text;
}

describe('failures, as Claude Code gets them', () => {
  const config = {
    Providers: [{ name: 'one', api_base_url: 'http://one.test', api_key: 'k', models: ['m'], protocol: 'anthropic' }],
    Router: { default: 'one,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
  };
  const ask = async (status: number, body: object, client: Asked['client'] = 'claude-code') => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(status, body, { 'retry-after': '7' })));
    const asked = bench.ask({
      dialect: 'anthropic-messages',
      client,
      body: { messages: [{ role: 'user', content: 'x' }], stream: true },
    });
    await asked.done;
    return { ...asked.received, error: (JSON.parse(asked.received.text) as { error: JsonObject }).error };
  };
  const error = (type: string, message = 'Words.') => ({ type: 'error', error: { type, message } });

  it.each([
    [401, 'authentication_error', 403, 'permission_error'],
    [404, 'not_found_error', 404, 'not_found_error'],
    [400, 'invalid_request_error', 400, 'invalid_request_error'],
    [500, 'api_error', 529, 'overloaded_error'],
    [529, 'overloaded_error', 529, 'overloaded_error'],
    [429, 'rate_limit_error', 429, 'rate_limit_error'],
  ])('%i is %i', async (status, type, told, toldType) => {
    const { status: got, error: words, headers } = await ask(status, error(type));
    expect([got, words['type']]).toEqual([told, toldType]);
    expect(words['message']).toContain('Words.');
    if (status === 429) expect(headers['retry-after']).toBe('7');
  });

  it('a full context has the message that it recognises', async () => {
    const { status, error: words } = await ask(
      400,
      error('invalid_request_error', 'prompt is too long: 9 tokens > 8 maximum'),
    );
    expect(status).toBe(400);
    expect(words['message']).toMatch(/^prompt is too long: 9 tokens/);
  });

  it('an error after content ends the stream', async () => {
    const event = (type: string, fields: object): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const body = { messages: [{ role: 'user', content: 'x' }], stream: true };
    const { received, done } = bench.ask({ dialect: 'anthropic-messages', client: 'claude-code', body });
    stream.send(event('message_start', { message: { model: 'm' } }));
    stream.send(event('content_block_start', { index: 0, content_block: { type: 'text', text: 'Half' } }));
    await bench.clock.advance(1);
    stream.send(event('error', { error: { type: 'api_error', message: 'Broken' } }));
    await done;
    expect(received.text).toContain('Half');
    expect(received.text).toMatch(
      /event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error","message":".*Broken"\}\}\n\n$/,
    );
  });
});

it.each([
  ['https://api.anthropic.com', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
  ...['v1beta', 'v1beta/', 'v1beta/models/', 'v1beta/openai', 'v1beta/openai/chat/completions'].map((path) => [
    `https://generativelanguage.googleapis.com/${path}`,
    '/chat/completions',
    'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
  ]),
  ['https://api.anthropic.com/v1/', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
  ['https://api.anthropic.com/v1/messages', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
  ['https://x.test/anthropic', '/v1/messages', 'https://x.test/anthropic/v1/messages'],
  ['https://x.test/anthropic/messages', '/v1/messages', 'https://x.test/anthropic/messages'],
  ['https://x.test/api/v1?a=b', '/v1/messages', 'https://x.test/api/v1/messages?a=b'],
  ['https://x.test/api/v4', '/chat/completions', 'https://x.test/api/v4/chat/completions'],
  ['https://x.test/v1/chat/completions', '/chat/completions', 'https://x.test/v1/chat/completions'],
  ['https://api.openai.com/v1/chat/completions', '/responses', 'https://api.openai.com/v1/responses'],
  ['https://api.openai.com/v1', '/responses', 'https://api.openai.com/v1/responses'],
])('%s with the path %s becomes %s', (base, path, url) => expect(endpointUrl(base, path)).toBe(url));
