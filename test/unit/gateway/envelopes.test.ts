// Sealed envelopes that clients keep for CCR: through one gateway and through the next one with the same key.
import { describe, expect, it } from 'vitest';
import { lostSummary } from '../../../src/canonical/compaction.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { createSealer } from '../../../src/reasoning/sealer.ts';
import { sealReasoning } from '../../../src/reasoning/envelopes.ts';
import { chatChunk, createGatewayBench, replyWith, type Asked } from '../../support/gatewayBench.ts';
import { testSealer } from '../../support/testSealer.ts';

const config = {
  Providers: [
    { name: 'deepseek', api_base_url: 'https://api.deepseek.com', api_key: 'key', models: ['d'] },
    {
      name: 'openrouter',
      api_base_url: 'https://openrouter.ai/api/v1',
      api_key: 'key',
      protocol: 'responses',
      models: ['relayed'],
    },
    {
      name: 'surface',
      api_base_url: 'https://api.example.com/anthropic',
      api_key: 'key',
      protocol: 'anthropic',
      models: ['m'],
    },
  ],
  Router: { default: 'deepseek,d' },
};

const thought = ' I need the tool.\n';
const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'run', arguments: '{}' } };
const chatReply =
  chatChunk({ reasoning_content: thought }) +
  chatChunk({ tool_calls: [call] }) +
  chatChunk({}, 'tool_calls') +
  'data: [DONE]\n\n';
const user = { type: 'message', role: 'user', content: 'Hi' };
const tools = [{ type: 'function', name: 'run', parameters: { type: 'object', properties: {} } }];
const include = ['reasoning.encrypted_content'];

type Item = JsonObject & { type: string };

/** One request to a newly started gateway. */
async function ask(body: object, more: Partial<Asked> = {}, reply: () => unknown = () => chatReply) {
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, reply())));
  const { done, received } = bench.ask({
    dialect: 'openai-responses',
    body: { model: 'd', tools, store: false, stream: true, ...body },
    ...more,
  });
  await done;
  expect(received.status).toBe(200);
  const events = received.text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []));
  const items = events.map((data) => JSON.parse(data) as JsonObject).flatMap(({ type, item }) =>
    type === 'response.output_item.done' ? [item as Item] : [],
  ); // prettier-ignore
  const sent = JSON.parse(bench.calls[0]?.body ?? '{}') as { messages: JsonObject[]; input: Item[] };
  // Holds for every test: no provider gets an envelope.
  expect(bench.calls[0]?.body).not.toMatch(/ccr\d+:/);
  return { bench, received, events, items, sent };
}

describe('a client that drops reasoning without an encrypted form of it', () => {
  it('gets an envelope with the text, which the next gateway sends to the provider', async () => {
    const { items, events } = await ask({ input: [user], include });
    const envelope = items[0]?.['encrypted_content'];
    expect(envelope).toBe(sealReasoning(testSealer, { type: 'text', text: thought }));
    // The item and its copy in the whole response are the same.
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ response: { output: [items[0], {}] } });
    const bare = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: envelope };
    const output = { type: 'function_call_output', call_id: 'call_1', output: 'ok' };
    const { sent } = await ask({ input: [user, bare, items[1], output], include });
    expect(sent.messages[1]).toMatchObject({ role: 'assistant', reasoning_content: thought });
    const kept = { ...bare, content: [{ type: 'reasoning_text', text: 'Mine.' }] };
    const again = await ask({ input: [user, kept, items[1], output], include });
    expect(again.sent.messages[1]).toMatchObject({ reasoning_content: 'Mine.' });
  });

  it('gets it in a non-streamed reply too', async () => {
    const { received } = await ask({ input: [user], include, stream: false });
    expect(JSON.parse(received.text)).toMatchObject({
      output: [{ encrypted_content: sealReasoning(testSealer, { type: 'text', text: thought }) }, {}],
    });
  });

  it.each<[string, object, Partial<Asked>]>([
    ['Codex, which sends the content back', { include }, { client: 'codex' }],
    ['who does not ask for it', {}, {}],
  ])('is not %s', async (_what, body, more) => {
    const { items } = await ask({ input: [user], ...body }, more);
    expect(items[0]).toMatchObject({ encrypted_content: null, content: [{ text: thought }] });
  });
});

describe('an envelope that cannot be opened', () => {
  const otherSealer = createSealer(new Uint8Array(32), (size) => new Uint8Array(size));
  const foreign = sealReasoning(otherSealer, { type: 'text', text: 'Secret' });
  const reasoning = {
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: 'Kept.' }],
    encrypted_content: foreign,
  };
  const compaction = { type: 'compaction', encrypted_content: otherSealer.seal('summary', 'Long ago.') };

  it('next to reasoning is ignored, and the text stays', async () => {
    const { sent, bench } = await ask({ input: [user, reasoning, { ...user, role: 'assistant' }, user] });
    expect(sent.messages).toMatchObject([{}, { role: 'assistant', reasoning_content: 'Kept.' }, {}]);
    expect(bench.logged.filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it.each(['d', 'relayed'])('of a compaction causes a warning, and nothing else is lost (to %s)', async (model) => {
    const { sent, bench } = await ask(
      { model, input: [user, compaction, user] },
      {},
      () => (model === 'd' ? chatReply : { id: 'r', status: 'completed', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }] }),
    ); // prettier-ignore
    expect(JSON.stringify(sent.messages ?? sent.input)).toContain(lostSummary);
    expect(sent.messages ?? sent.input).toHaveLength(3);
    expect(bench.records[0]?.warnings).toEqual([expect.stringMatching(/can't be opened/)]);
    expect(bench.logged.filter((line) => /^warn .*can't be opened/.test(line))).toHaveLength(1);
  });
});

describe('a relay', () => {
  const reply = { id: 'r', status: 'completed', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }] }; // prettier-ignore

  it('of Responses carries the opened content of an envelope', async () => {
    const sealed = (text: string) => ({
      type: 'reasoning',
      summary: [],
      encrypted_content: sealReasoning(testSealer, { type: 'text', text }),
    });
    const note = { type: 'compaction', encrypted_content: testSealer.seal('summary', 'Long ago.') };
    const input = [note, user, sealed('Hm.'), { ...user, role: 'assistant' }, user];
    const { sent } = await ask({ model: 'relayed', input, metadata: { kept: 'by the relay' } }, {}, () => reply);
    expect(sent).toMatchObject({ metadata: { kept: 'by the relay' } });
    expect(sent.input[0]).toMatchObject({ type: 'message', role: 'user' });
    expect(JSON.stringify(sent.input[0])).toContain('Long ago.');
    expect(sent.input[2]).toMatchObject({ encrypted_content: null, content: [{ text: 'Hm.' }] });
  });

  it('of Messages carries signatures that a provider made', async () => {
    const block = (signature: string) => ({ type: 'thinking', thinking: 'Hm.', signature });
    const messages = [
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: [
          block(sealReasoning(testSealer, { type: 'encrypted', data: 'E' })),
          block('Eo8C'),
          block('ccr1:broken'),
          { type: 'text', text: 'Hi' },
        ],
      },
      { role: 'user', content: 'And now?' },
    ];
    const body = { model: 'm', max_tokens: 9, stream: false, tools: [], messages };
    const whole = {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
    };
    const { sent } = await ask(body, { dialect: 'anthropic-messages' }, () => whole);
    const content = sent.messages[1]?.['content'] as JsonObject[];
    expect(content.map(({ signature }) => signature)).toEqual(['', 'Eo8C', '', undefined]);
  });
});

/** The second provider is another CCR with a key of its own. */
describe('an envelope of another CCR that is the provider is sent back unchanged', () => {
  const theirs = 'ccr1:theirs';
  const text = { type: 'output_text', text: 'Hi' };
  const replies = {
    responses: {
      id: 'r',
      status: 'completed',
      output: [
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: theirs },
        { type: 'message', role: 'assistant', content: [text] },
      ],
    },
    anthropic: {
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: theirs },
        { type: 'text', text: 'Hi' },
      ],
      stop_reason: 'end_turn',
    },
  };

  function benchFor(protocol: keyof typeof replies) {
    // Its frames are rewritten in either dialect.
    const provider = { name: 'deepseek', api_base_url: 'https://ccr.test', api_key: 'key', protocol, models: ['x'] };
    return createGatewayBench({ Providers: [provider], Router: { default: 'deepseek,x' } }, () =>
      Promise.resolve(replyWith(200, replies[protocol])),
    );
  }

  it.each(['responses', 'anthropic'] as const)('through a client of Messages (%s)', async (protocol) => {
    const ask = (...more: object[]) => ({
      dialect: 'anthropic-messages' as const,
      body: { model: 'x', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }, ...more] },
    });
    const first = benchFor(protocol).ask(ask());
    await first.done;
    const { content } = JSON.parse(first.received.text) as { content: JsonObject[] };
    // The next gateway has an empty memory.
    const bench = benchFor(protocol);
    await bench.ask(ask({ role: 'assistant', content }, { role: 'user', content: 'x' })).done;
    expect(bench.calls[0]?.body).toContain(`"${theirs}"`);
  });

  it.each(['responses', 'anthropic'] as const)('through a client of Responses (%s)', async (protocol) => {
    const ask = (...more: object[]) => ({
      dialect: 'openai-responses' as const,
      body: { model: 'x', store: false, input: [user, ...more] },
    });
    const first = benchFor(protocol).ask(ask());
    await first.done;
    const { output } = JSON.parse(first.received.text) as { output: object[] };
    // The next gateway has an empty memory.
    const bench = benchFor(protocol);
    await bench.ask(ask(...output, user)).done;
    expect(bench.calls[0]?.body).toContain(`"${theirs}"`);
  });
});
