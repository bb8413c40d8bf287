import { describe, expect, it } from 'vitest';
import { introduceSummary, lostSummary } from '../../../src/canonical/compaction.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', models: ['m'] },
    { name: 'two', api_base_url: 'http://two.test/v1', models: ['m'] },
    { name: 'openai', api_base_url: 'https://api.openai.com/v1', models: ['gpt'], protocol: 'responses' },
    { name: 'answers', api_base_url: 'http://answers.test/v1', models: ['r'], protocol: 'responses' },
  ],
  Router: {
    default: 'one,m',
    think: 'two,m',
    tierRetries: { 'tier-0': { max_retries: 1 }, 'tier-1': { max_retries: 0 } },
  },
};

const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Do it.' }] };
const call = { type: 'function_call', call_id: 'call_1', name: 'run', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'call_1', output: 'ok' };
const trigger = { type: 'compaction_trigger' };
const tools = [{ type: 'function', name: 'run', parameters: { type: 'object', properties: {} } }];
const compaction = (body: object = {}) => ({
  dialect: 'openai-responses' as const,
  body: { model: 'auto', stream: true, tools, input: [user, call, output, trigger], ...body },
});
const done = 'data: [DONE]\n\n';
const summary =
  chatChunk({ reasoning_content: 'Hm.' }) + chatChunk({ content: 'All is ' }) + chatChunk({ content: 'well.' });
const answer = summary + chatChunk({}, 'stop') + done;

function itemsOf(text: string): JsonObject[] {
  const events = text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as JsonObject);
  return events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item as JsonObject);
}

describe('a compaction', () => {
  it('becomes a request for a summary at a chat provider: the whole conversation, without tools', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answer)));
    const { done: over, received } = bench.ask(compaction());
    await over;
    const body = JSON.parse(bench.calls[0]?.body ?? '') as { messages: JsonObject[] };
    expect(body).not.toHaveProperty('tools');
    expect(body.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(body.messages.at(-1)?.['content']).toContain('handoff note');
    const [item, ...others] = itemsOf(received.text);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ type: 'compaction', id: expect.stringMatching(/^cmp_/) as string });
    expect(received.text).toContain('response.completed');
  });

  it('is sent to any provider as that summary', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answer)));
    const first = bench.ask(compaction());
    await first.done;
    await bench.ask(compaction({ input: [user, ...itemsOf(first.received.text)] })).done;
    const body = JSON.parse(bench.calls[1]?.body ?? '') as { messages: JsonObject[] };
    expect(body.messages).toEqual([
      { role: 'user', content: 'Do it.' },
      { role: 'user', content: introduceSummary('All is well.') },
    ]);
  });

  it('is done by a provider that supports it, and its item is relayed unchanged', async () => {
    const item = { type: 'compaction', id: 'cmp_9', encrypted_content: 'gAAAAAB', odd: 1 };
    const frames =
      `data: ${JSON.stringify({ type: 'response.output_item.done', output_index: 0, item })}\n\n` +
      `data: ${JSON.stringify({ type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } })}\n\n`;
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, frames)));
    const { done: over, received } = bench.ask(compaction({ model: 'gpt' }));
    await over;
    expect(JSON.parse(bench.calls[0]?.body ?? '')).toMatchObject({ input: [user, call, output, trigger], tools });
    expect(itemsOf(received.text)).toEqual([item]);
  });

  it('is a summary at a Responses provider that is not known to support it', async () => {
    const frames = `data: ${JSON.stringify({
      type: 'response.completed',
      response: {
        id: 'r',
        status: 'completed',
        output: [{ type: 'message', id: 'm', role: 'assistant', content: [{ type: 'output_text', text: 'Well.' }] }],
      },
    })}\n\n`;
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, frames)));
    const { done: over, received } = bench.ask(compaction({ model: 'r' }));
    await over;
    const body = JSON.parse(bench.calls[0]?.body ?? '') as { input: JsonObject[] };
    expect(body.input.map(({ type }) => type)).toEqual(['message', 'function_call', 'function_call_output', 'message']);
    expect(itemsOf(received.text)).toMatchObject([{ type: 'compaction' }]);
  });

  it('that breaks off in the middle is retried, and nothing of it was sent', async () => {
    const replies = [summary, answer];
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, replies.shift() ?? '')));
    const { done: over, received } = bench.ask(compaction());
    await bench.clock.advance(1000);
    await over;
    expect(bench.calls).toHaveLength(2);
    expect(itemsOf(received.text)).toHaveLength(1);
    expect(received.text).toContain('response.completed');
  });

  it.each([
    ['nothing but reasoning', chatChunk({ reasoning_content: 'Hm.' }) + chatChunk({}, 'stop') + done],
    ['an error in the middle', summary + 'data: {"error":{"message":"Overheated"}}\n\n'],
  ])('goes to the next target after %s', async (_name, bad) => {
    const bench = createGatewayBench(config, ({ url }) =>
      Promise.resolve(replyWith(200, url.includes('one.test') ? bad : answer)),
    );
    const { done: over, received } = bench.ask(compaction());
    await bench.clock.advance(10_000);
    await over;
    expect(received.headers['x-ccr-route']).toContain('two,m');
    expect(itemsOf(received.text)).toHaveLength(1);
  });

  it('may take longer than the first-event limit once it has started, with keep-alives for the client', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (sent) => Promise.resolve(stream.reply(sent)));
    const { done: over, received } = bench.ask(compaction());
    for (let minute = 0; minute < 4; minute++) {
      stream.send(chatChunk({ content: 'word ' }));
      await bench.clock.advance(60_000);
    }
    expect(received.text).toContain('response.in_progress');
    expect(itemsOf(received.text)).toEqual([]);
    stream.send(chatChunk({}, 'stop') + done);
    await bench.clock.advance(1000);
    await over;
    expect(itemsOf(received.text)).toHaveLength(1);
    expect(bench.calls).toHaveLength(1);
  });
});

describe("another provider's compaction item", () => {
  it('is reported as unreadable, to the model and in the log', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answer)));
    await bench.ask(compaction({ input: [user, { type: 'compaction', id: 'c', encrypted_content: 'gAAAAAB' }] })).done;
    const body = JSON.parse(bench.calls[0]?.body ?? '') as { messages: JsonObject[] };
    expect(body.messages.at(-1)).toEqual({ role: 'user', content: lostSummary });
    expect(bench.records[0]?.warnings.join(' ')).toContain("can't read another provider's compaction");
  });

  it('is sent back to that provider unchanged', async () => {
    const item = { type: 'compaction', id: 'c', encrypted_content: 'gAAAAAB' };
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(500, {})));
    const { done: over } = bench.ask(compaction({ model: 'openai,gpt', input: [user, item] }));
    await bench.clock.advance(60_000);
    await over;
    expect(JSON.parse(bench.calls[0]?.body ?? '')).toMatchObject({ input: [user, item] });
  });
});

describe('the target of a compaction', () => {
  const headers = { 'thread-id': 'thread-1' };
  const metadata = (kind: string) => ({ ...headers, 'x-codex-turn-metadata': JSON.stringify({ request_kind: kind }) });
  const turn = { ...compaction({ model: 'think', input: [user] }), headers };

  it('is the one that last answered its conversation, for a local compaction too', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answer)));
    await bench.ask(turn).done;
    const remote = bench.ask({ ...compaction(), headers });
    await remote.done;
    const local = bench.ask({ ...compaction({ input: [user], tools: [] }), headers: metadata('compaction') });
    await local.done;
    const next = bench.ask({ ...compaction({ input: [user] }), headers: metadata('turn') });
    await next.done;
    expect([remote, local, next].map(({ received }) => received.headers['x-ccr-route'])).toEqual([
      'two,m; reason=compaction; attempt=1',
      'two,m; reason=compaction; attempt=1',
      'one,m; reason=default; attempt=1',
    ]);
  });

  it('keeps the name that the model was taken for', async () => {
    const mapped = { ...config, Frontend: { codex: { modelMappings: { 'gpt-9': 'one,m' } } } };
    const bench = createGatewayBench(mapped, () => Promise.resolve(replyWith(200, answer)));
    await bench.ask(turn).done;
    await bench.ask({ ...compaction({ model: 'GPT-9' }), headers }).done;
    const record = bench.records.at(-1);
    expect([record?.reason, record?.route?.readAs]).toEqual(['compaction', 'gpt-9']);
  });

  it('is another one for other conversations, if the client names one, and after a failure', async () => {
    const bench = createGatewayBench(config, ({ url }) =>
      Promise.resolve(bench.calls.length > 1 && url.includes('two.test') ? replyWith(401, {}) : replyWith(200, answer)),
    );
    await bench.ask(turn).done;
    const other = bench.ask({ ...compaction(), headers: { 'thread-id': 'thread-2' } });
    await other.done;
    const named = bench.ask({ ...compaction({ model: 'one,m' }), headers });
    await named.done;
    const failing = bench.ask({ ...compaction(), headers });
    await failing.done;
    const cooling = bench.ask({ ...compaction(), headers });
    await cooling.done;
    expect([other, named, failing, cooling].map(({ received }) => received.headers['x-ccr-route'])).toEqual([
      'one,m; reason=default; attempt=1',
      'one,m; reason=direct; attempt=1',
      'one,m; reason=compaction; attempt=2',
      'one,m; reason=default; attempt=1',
    ]);
  });
});
