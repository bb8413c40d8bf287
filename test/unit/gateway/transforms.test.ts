// Transforms of `transformer.use`, through a whole gateway.
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { chatChunk, createGatewayBench, createOpenStream, replyWith, type Asked } from '../../support/gatewayBench.ts';
import { askStandIn } from '../../support/standInAnswer.ts';
import { turn } from '../../upstream/scripts.ts';
import { startStandIn, type ProviderName, type StandIn } from '../../upstream/standIn.ts';
import type { Script } from '../../upstream/turn.ts';

const shell = {
  name: 'shell',
  description: 'Runs a command.\n\n\n\nExample:\nls',
  parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
};
const question = { role: 'user', content: 'Do it.' };
const tools = [{ type: 'function', function: shell }];

function configFor(use: unknown[], more: JsonObject = {}): object {
  const provider = { name: 'some', api_base_url: 'http://some.test/v1', models: ['m'], transformer: { use }, ...more };
  return { Providers: [provider], Router: { default: 'some,m', tierRetries: { some: { max_retries: 0 } } } };
}

/** Sends a request to a provider that answers with these chunks. */
async function ask(use: unknown[], answer: string[], body: JsonObject = {}, more: Partial<Asked> = {}) {
  const bench = createGatewayBench(configFor(use), () => Promise.resolve(replyWith(200, answer.join(''))));
  const asked = { model: 'm', stream: true, tools, messages: [question], ...body };
  const { done, received } = bench.ask({ dialect: 'openai-chat', body: asked, ...more });
  await done;
  const [call] = bench.calls;
  return { bench, received, sent: JSON.parse(call?.body ?? '{}') as JsonObject, metrics: await bench.metrics.text() };
}

function callChunk(text: string, more: object = {}): string {
  return chatChunk({ tool_calls: [{ index: 0, ...more, function: { arguments: text, ...more } }] });
}

const end = [chatChunk({}, 'tool_calls'), 'data: [DONE]\n\n'];

function deltasOf(text: string): JsonObject[] {
  return [...text.matchAll(/^data: (\{.*\})$/gm)].flatMap(([, json = '']) => {
    const { choices } = JSON.parse(json) as { choices: { delta: JsonObject; finish_reason: string | null }[] };
    return choices.map(({ delta, finish_reason: finish }) => ({ ...delta, ...(finish && { finish }) }));
  });
}

describe('tooluse', () => {
  const answer = [callChunk('', { id: 'c', name: 'ExitTool' }), callChunk('{"response":"All '), callChunk('done."}'), ...end]; // prettier-ignore

  it('is a text answer for the client, streamed in pieces', async () => {
    const { received, sent, metrics } = await ask(['tooluse'], answer);
    expect(sent).toMatchObject({ tool_choice: 'required' });
    expect(JSON.stringify(sent['tools'])).toContain('ExitTool');
    const deltas = deltasOf(received.text);
    expect(deltas.flatMap(({ content }) => (content ? [content] : []))).toEqual(['All ', 'done.']);
    expect(deltas.at(-1)).toMatchObject({ finish: 'stop' });
    expect(received.text).not.toMatch(/ExitTool|tool_calls/);
    expect(metrics).toContain('ccr_transformer_applied_total{transformer="tooluse"} 1');
  });

  it('is one for clients of other dialects and for those that do not stream, too', async () => {
    const body = { stream: false, tools: [{ name: 'shell', input_schema: shell.parameters }], max_tokens: 100 };
    const { received } = await ask(['tooluse'], answer, body, { dialect: 'anthropic-messages' });
    expect(JSON.parse(received.text)).toMatchObject({
      content: [{ type: 'text', text: 'All done.' }],
      stop_reason: 'end_turn',
    });
  });

  it('relays a request without tools, and does not count it', async () => {
    const { sent, metrics } = await ask(['tooluse'], [chatChunk({ content: 'Hi' }, 'stop')], { tools: [], seed: 7 });
    expect(sent).toMatchObject({ seed: 7 });
    expect(sent).not.toHaveProperty('tool_choice');
    expect(metrics).not.toContain('transformer="tooluse"');
  });
});

describe('enhancetool', () => {
  it('leaves arguments as they are once they have been repaired, and counts as applied', async () => {
    const answer = [callChunk("{command: 'ls',", { id: 'c', name: 'shell' }), callChunk('}'), ...end];
    const { bench, received, metrics } = await ask(['enhancetool'], answer);
    expect(received.text).toContain(JSON.stringify('{"command": "ls"}').slice(1, -1));
    expect(bench.records.map((record) => record.warnings)).toEqual([[]]);
    expect(metrics).toContain('ccr_transformer_applied_total{transformer="enhancetool"} 1');
  });

  it('repairs the wrapper of a custom text in a dialect with functions only', async () => {
    const patch = '*** Begin Patch\n*** End Patch';
    const answer = [callChunk(`{"input": "${patch}"}`, { id: 'c', name: 'apply_patch' }), ...end];
    const body = { input: 'Do it.', tools: [{ type: 'custom', name: 'apply_patch', description: 'Patches.' }] };
    const { received } = await ask(['enhancetool'], answer, body, { dialect: 'openai-responses' });
    expect(received.text).toContain(`"input":${JSON.stringify(patch)}`);
  });
});

it('streams the answer of tooluse together with enhancetool, which holds tool calls back', async () => {
  const stream = createOpenStream();
  const bench = createGatewayBench(configFor(['enhancetool', 'tooluse']), (call) =>
    Promise.resolve(stream.reply(call)),
  );
  const { done, received } = bench.ask({ dialect: 'openai-chat', body: { model: 'm', stream: true, tools, messages: [question] } }); // prettier-ignore
  stream.send(callChunk('{"response":"All ', { id: 'c', name: 'ExitTool' }));
  await bench.clock.advance(1);
  expect(deltasOf(received.text)).toContainEqual({ content: 'All ' });
  stream.send(callChunk('done."}') + end.join(''));
  stream.end();
  await done;
  expect(received.text).not.toContain('ExitTool');
});

it('does not change a conversation that its provider stores', async () => {
  const message = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] };
  const reply = { id: 'resp_theirs', object: 'response', status: 'completed', output: [message] };
  const config = configFor(['tooluse', 'toolcompress'], { protocol: 'responses' });
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, reply)));
  const ask = (body: JsonObject) => bench.ask({ dialect: 'openai-responses', body: { model: 'm', ...body } }).done;
  await ask({ input: 'Hello' });
  const declared = [{ type: 'function', ...shell }];
  await ask({ input: 'Do it.', previous_response_id: 'resp_theirs', tools: declared });
  const sent = JSON.parse(bench.calls[1]?.body ?? '{}') as JsonObject;
  expect(sent).toMatchObject({ previous_response_id: 'resp_theirs', tools: declared });
  expect(bench.calls[1]?.body).not.toContain('ExitTool');
});

describe('toolcompress and output_compress', () => {
  const call = { id: 'c', type: 'function', function: { name: 'shell', arguments: '{"command":"npm test"}' } };
  const messages = [
    question,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c', content: ' ✓ adds\n'.repeat(50) },
  ];
  const answer = [chatChunk({ content: 'Hi' }, 'stop'), 'data: [DONE]\n\n'];

  it('send fewer bytes', async () => {
    const { sent, metrics } = await ask([['toolcompress', { level: 'low' }], 'output_compress'], answer, { messages });
    expect(sent['tools']).toEqual([{ type: 'function', function: { ...shell, description: 'Runs a command.' } }]);
    expect(JSON.stringify(sent['messages'])).toContain('[ccr: 50 lines of passing tests left out]');
    expect(metrics).toContain('{transformer="toolcompress"} 1');
    expect(metrics).toContain('{transformer="output_compress"} 1');
  });

  it('do nothing together with identity', async () => {
    const { sent } = await ask(['identity', 'toolcompress', 'output_compress', 'tooluse'], answer, { messages });
    expect(sent).toMatchObject({ tools, messages });
    expect(sent).not.toHaveProperty('tool_choice');
  });
});

describe('maxtoken', () => {
  it.each([
    ['openai', 'max_tokens'],
    ['anthropic', 'max_tokens'],
    ['responses', 'max_output_tokens'],
  ])('lowers the limit for %s', async (protocol, name) => {
    const use = [['maxtoken', { max_tokens: 100 }]];
    const bench = createGatewayBench(configFor(use, { protocol }), () => Promise.resolve(replyWith(500, {})));
    const limit = { chat: 'max_completion_tokens', responses: 'max_output_tokens', messages: 'max_tokens' };
    const bodies: [Asked['dialect'], JsonObject][] = [
      ['openai-chat', { messages: [question], [limit.chat]: 5000 }],
      ['openai-responses', { input: 'Do it.', [limit.responses]: 5000 }],
      ['anthropic-messages', { messages: [question], [limit.messages]: 5000 }],
    ];
    for (const [dialect, body] of bodies) await bench.ask({ dialect, body: { model: 'm', ...body } }).done;
    const sent = bench.calls.map((call) => JSON.parse(call.body) as JsonObject);
    expect(sent.map((body) => body[name])).toEqual([100, 100, 100]);
  });
});

describe('strict providers', () => {
  let running: StandIn[] = [];
  afterEach(async () => {
    await Promise.all(running.map((standIn) => standIn.close()));
    running = [];
  });

  /** Calls the shell, then answers with the answer tool if there is one. */
  const script: Script = ({ tools: declared, toolResults }) => {
    const [exit] = declared.filter(({ name }) => name === 'ExitTool');
    const [other] = declared.filter(({ name }) => name === 'shell');
    if (!exit || !other) return turn({ text: 'A tool is missing.' });
    return toolResults.length === 0
      ? turn({ reasoning: 'Hm.', calls: [{ tool: other, input: '{"command":"npm test"}' }] })
      : turn({ reasoning: 'Hm.', calls: [{ tool: exit, input: '{"response":"All done."}' }] });
  };

  it.each<{ provider: ProviderName; name: string; model: string; protocol?: string; choice: unknown }>([
    { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner', choice: 'auto' },
    { provider: 'openai-chat', name: 'openai', model: 'gpt-4o', choice: 'required' },
    { provider: 'openai-responses', name: 'azure', model: 'gpt-5', protocol: 'responses', choice: 'required' },
    { provider: 'anthropic', name: 'anthropic', model: 'claude-sonnet-4-5', protocol: 'anthropic', choice: 'auto' },
  ])('$provider accepts it', async ({ provider, name, model, protocol, choice }) => {
    const standIn = await startStandIn({ provider, script, apiKey: 'k' });
    running.push(standIn);
    const use = ['tooluse', 'enhancetool', ['toolcompress', { level: 2 }], 'output_compress'];
    const entry = { name, api_base_url: standIn.url, api_key: 'k', models: [model], transformer: { use }, protocol };
    const bench = createGatewayBench({ Providers: [entry], Router: { default: `${name},${model}` } }, askStandIn);
    const body = { model: 'x', stream: true, reasoning: { effort: 'high', summary: 'auto' }, tools: [{ type: 'function', ...shell }] }; // prettier-ignore
    const input: JsonObject[] = [{ role: 'user', content: 'Do it.' }];
    for (const expected of ['function_call', 'message', 'function_call']) {
      const { done, received } = bench.ask({ dialect: 'openai-responses', client: 'codex', body: { ...body, input } });
      await done;
      const [, json = '{}'] = /^data: (\{"type":"response.completed".*\})$/m.exec(received.text) ?? [];
      const { response } = JSON.parse(json) as { response?: { output: JsonObject[] } };
      expect(response?.output.at(-1), received.text).toMatchObject({ type: expected });
      input.push(...(response?.output ?? []));
      const call = response?.output.find(({ type }) => type === 'function_call');
      if (call) input.push({ type: 'function_call_output', call_id: call['call_id'], output: ' ✓ a\n'.repeat(60) });
      else input.push({ role: 'user', content: 'Once more.' });
    }
    expect(JSON.stringify(input)).toContain('All done.');
    expect(JSON.stringify(input)).not.toContain('ExitTool');
    expect(standIn.requests.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
    const last = standIn.requests.at(-1)?.body as JsonObject;
    expect(JSON.stringify(last)).toContain('[ccr: 60 lines of passing tests left out]');
    expect(last['tool_choice'] ?? 'auto').toEqual(choice);
  });
});
