import { describe, expect, it } from 'vitest';
import { introduceSummary } from '../../../src/canonical/compaction.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { openaiResponses } from '../../../src/dialects/openaiResponses/index.ts';
import { createStoredResponses } from '../../../src/gateway/storedResponses.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import { testSealer } from '../../support/testSealer.ts';

const config = {
  Providers: [
    { name: 'deepseek', api_base_url: 'http://deepseek.test/v1', models: ['m'] },
    { name: 'plain', api_base_url: 'http://plain.test/v1', models: ['p'] },
    { name: 'openai', api_base_url: 'https://api.openai.com/v1', models: ['gpt'], protocol: 'responses' },
  ],
  Router: { default: 'deepseek,m', think: 'plain,p' },
};

const tools = [{ type: 'function', name: 'run', parameters: { type: 'object', properties: {} } }];
const ask = (body: object) => ({ dialect: 'openai-responses' as const, body: { model: 'auto', tools, ...body } });
const callAnswer =
  chatChunk({ reasoning_content: 'Let me run it.' }) +
  chatChunk({ tool_calls: [{ index: 0, id: 'call_9', function: { name: 'run', arguments: '{}' } }] }) +
  chatChunk({}, 'tool_calls') +
  'data: [DONE]\n\n';
const textAnswer = chatChunk({ content: 'Done.' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';

function bodyOf(call: { body: string } | undefined): JsonObject & { messages: JsonObject[]; input: JsonObject[] } {
  return JSON.parse(call?.body ?? '') as ReturnType<typeof bodyOf>;
}

function idIn(text: string): string {
  return /"id":"(resp_[^"]+)"/.exec(text)?.[1] ?? '';
}

describe('item_reference', () => {
  type Output = { output: { id: string; type: string; content: unknown }[] };
  const outputOf = (text: string): Output['output'] => {
    const whole = text.startsWith('{') ? text : (/^data: (.*"type":"response.completed".*)$/m.exec(text)?.[1] ?? '');
    const json = JSON.parse(whole) as Output & { response?: Output };
    return (json.response ?? json).output;
  };
  const said = chatChunk({ reasoning_content: 'Hm.' }) + textAnswer;
  const item = { type: 'message', content: [{ type: 'output_text', text: 'Hi' }] };
  const answer = ({ url }: { url: string }) =>
    Promise.resolve(replyWith(200, url.includes('openai') ? { id: 'r', status: 'completed', output: [item] } : said));

  it.each([false, true])('resolves to the item of an earlier reply (streamed: %s)', async (stream) => {
    const bench = createGatewayBench(config, answer);
    const first = bench.ask(ask({ stream, input: 'Do it.' }));
    await first.done;
    const user = { role: 'user', content: 'Do it.' };
    const output = outputOf(first.received.text);
    expect(output.map(({ id, type }) => [type, id.split('_')[0]])).toEqual([['reasoning', 'rs'], ['message', 'msg']]); // prettier-ignore
    const references = output.map(({ id }) => ({ type: 'item_reference', id }));
    await bench.ask(ask({ model: 'plain,p', input: [user, ...references, user] })).done;
    expect(bodyOf(bench.calls[1]).messages).toMatchObject([user, { role: 'assistant', content: 'Done.' }, user]);
    await bench.ask(ask({ model: 'openai,gpt', input: [user, ...references, user] })).done;
    const { input } = bodyOf(bench.calls[2]);
    expect(input[1]).toMatchObject({ role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }] });
    expect(JSON.stringify(input)).not.toContain('item_reference');
  });

  it('to an unknown item is relayed to its provider, and reported as a gap to others', async () => {
    const bench = createGatewayBench(config, answer);
    const input = [{ role: 'user', content: 'Do it.' }, { type: 'item_reference', id: 'msg_far_0' }, { type: 'item_reference', id: 'rs_far' }]; // prettier-ignore
    await bench.ask(ask({ input })).done;
    expect(bodyOf(bench.calls[0]).messages).toEqual([
      { role: 'user', content: 'Do it.' },
      { role: 'user', content: expect.stringMatching(/is missing here.*msg_far_0/) as string },
    ]);
    await bench.ask({ ...ask({ model: 'openai,gpt', input }) }).done;
    expect(bodyOf(bench.calls[1]).input).toMatchObject(input);
  });
});

describe('previous_response_id', () => {
  it.each([false, true])(
    'continues with the whole conversation, reasoning and calls too (streamed: %s)',
    async (stream) => {
      const answers = [callAnswer, textAnswer, textAnswer];
      const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answers.shift() ?? '')));
      const first = bench.ask(ask({ stream, instructions: 'Be brief.', input: 'Do it.' }));
      await first.done;
      const output = { type: 'function_call_output', call_id: 'call_9', output: 'ok' };
      const second = bench.ask(
        ask({ stream, instructions: 'Be long.', previous_response_id: idIn(first.received.text), input: [output] }),
      );
      await second.done;
      await bench.ask(ask({ stream, previous_response_id: idIn(second.received.text), input: 'Thanks' })).done;
      expect(bodyOf(bench.calls[1]).messages).toMatchObject([
        { role: 'system', content: 'Be long.' },
        { role: 'user', content: 'Do it.' },
        { role: 'assistant', reasoning_content: 'Let me run it.', tool_calls: [{ id: 'call_9' }] },
        { role: 'tool', tool_call_id: 'call_9', content: 'ok' },
      ]);
      expect(bodyOf(bench.calls[2]).messages.map(({ role }) => role)).toEqual([
        'user',
        'assistant',
        'tool',
        'assistant',
        'user',
      ]);
      expect(second.received.text).toContain(`"previous_response_id":"${idIn(first.received.text)}"`);
      expect(second.received.text).toContain('"store":true');
    },
  );

  it('may be branched from', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, textAnswer)));
    const first = bench.ask(ask({ input: 'One' }));
    await first.done;
    const previous = idIn(first.received.text);
    for (const input of ['Two', 'Three']) await bench.ask(ask({ previous_response_id: previous, input })).done;
    expect(bodyOf(bench.calls[1]).messages.at(-1)).toMatchObject({ content: 'Two' });
    expect(bodyOf(bench.calls[2]).messages.map(({ content }) => content)).toEqual(['One', 'Done.', 'Three']);
  });

  it.each([
    ['was never given', async () => 'resp_none'],
    [
      'was not to be stored',
      async (bench: ReturnType<typeof createGatewayBench>) => {
        const first = bench.ask(ask({ input: 'One', store: false }));
        await first.done;
        return idIn(first.received.text);
      },
    ],
  ])("is rejected with OpenAI's message when it %s", async (_name, previousId) => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, textAnswer)));
    const previous = await previousId(bench);
    const calls = bench.calls.length;
    const { done, received } = bench.ask(ask({ previous_response_id: previous, input: 'Two' }));
    await done;
    expect(received.status).toBe(400);
    expect(JSON.parse(received.text)).toEqual({
      error: {
        message: `Previous response with id '${previous}' not found.`,
        type: 'invalid_request_error',
        param: 'previous_response_id',
        code: 'previous_response_not_found',
      },
    });
    expect(bench.calls).toHaveLength(calls);
  });
});

it('continues after a compaction with the condensed conversation', async () => {
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, textAnswer)));
  const input = [
    { role: 'user', content: 'Do it.' },
    { role: 'assistant', content: 'I did.' },
    { type: 'compaction_trigger' },
  ];
  const first = bench.ask(ask({ input, stream: true }));
  await first.done;
  await bench.ask(ask({ previous_response_id: idIn(first.received.text), input: 'And?' })).done;
  expect(bodyOf(bench.calls[1]).messages).toEqual([
    { role: 'user', content: 'Do it.' },
    { role: 'user', content: introduceSummary('Done.') },
    { role: 'user', content: 'And?' },
  ]);
});

describe('a provider that stores responses itself', () => {
  const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Hello.' }] };
  const reasoning = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] };
  const whole = { id: 'resp_theirs', object: 'response', model: 'gpt', status: 'completed', output: [reasoning, item] };
  const bench = () =>
    createGatewayBench(config, ({ url }) =>
      Promise.resolve(replyWith(200, url.includes('openai') ? (whole as unknown) : textAnswer)),
    );

  it('gets its own id back', async () => {
    const { ask: send, calls } = bench();
    const first = send(ask({ model: 'gpt', input: 'One' }));
    await first.done;
    expect(idIn(first.received.text)).toBe('resp_theirs');
    await send(ask({ model: 'gpt', previous_response_id: 'resp_theirs', input: 'Two' })).done;
    const { previous_response_id: previous, input } = bodyOf(calls[1]);
    expect({ previous, input }).toEqual({ previous: 'resp_theirs', input: 'Two' });
  });

  it("gets its own id even if the client's JSON can't be relayed", async () => {
    const { ask: send, calls } = bench();
    await send(ask({ model: 'gpt', input: 'One' })).done;
    const input = [{ type: 'reasoning', id: 'rs_7', summary: [], content: [{ type: 'reasoning_text', text: 'Mine' }] }];
    const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Two' }] };
    await send(ask({ model: 'gpt', previous_response_id: 'resp_theirs', input: [...input, user] })).done;
    expect(bodyOf(calls[1])).toMatchObject({ previous_response_id: 'resp_theirs', store: true, input: [user] });
  });

  it('gets no id of a response from another provider, and the other way round', async () => {
    const { ask: send, calls } = bench();
    await send(ask({ model: 'gpt', input: 'One' })).done;
    const second = send(ask({ model: 'auto', previous_response_id: 'resp_theirs', input: 'Two' }));
    await second.done;
    await send(ask({ model: 'gpt', previous_response_id: idIn(second.received.text), input: 'Three' })).done;
    expect(bodyOf(calls[1]).messages).toMatchObject([
      { content: 'One' },
      { content: 'Hello.', reasoning_content: 'Hm.' },
      { content: 'Two' },
    ]);
    const third = bodyOf(calls[2]);
    expect(third).not.toHaveProperty('previous_response_id');
    expect(third.input.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
  });
});

describe('the store', () => {
  const given = (id: string, text: string, previousId?: string) => {
    const request = openaiResponses.readRequest(
      {
        input: text,
        ...(previousId && { previous_response_id: previousId }),
      },
      testSealer,
    );
    const context = {
      model: 'm',
      request,
      client: 'other',
      sealer: testSealer,
      createdAt: 1,
      newId: (prefix: string) => `${prefix}_1`,
    } as const;
    const reply = { blocks: [{ type: 'text' as const, text: 'Done.' }], finish: 'stop' as const };
    return { id, request, reply, dialect: openaiResponses, context, holder: undefined };
  };
  const goOn = (previousId: string) =>
    openaiResponses.readRequest({ input: 'x', previous_response_id: previousId }, testSealer);

  it('evicts the least recently used response, by number', () => {
    const stored = createStoredResponses({ maxResponses: 2, maxBytes: 10_000 });
    stored.keep(given('resp_a', 'A'));
    stored.keep(given('resp_b', 'B'));
    stored.expand(goOn('resp_a'));
    stored.keep(given('resp_c', 'C'));
    expect(['resp_a', 'resp_b', 'resp_c'].map((id) => stored.read(id) !== undefined)).toEqual([true, false, true]);
  });

  it('evicts by size, counting each whole conversation, and stores none that is too large by itself', () => {
    const stored = createStoredResponses({ maxResponses: 100, maxBytes: 2400 });
    stored.keep(given('resp_a', 'A'.repeat(500)));
    const request = stored.expand(given('', 'B', 'resp_a').request);
    stored.keep({ ...given('resp_b', 'B'), request });
    expect(stored.read('resp_a')).toBeDefined();
    expect(stored.read('resp_b')).toBeDefined();
    stored.keep({ ...given('resp_c', 'C'), request });
    expect(['resp_a', 'resp_b', 'resp_c'].map((id) => stored.read(id) !== undefined)).toEqual([false, true, true]);
    stored.keep(given('resp_d', 'D'.repeat(2000)));
    expect(stored.read('resp_d')).toBeUndefined();
    expect(stored.read('resp_c')).toBeDefined();
  });

  it('returns a response until it is removed', () => {
    const stored = createStoredResponses({ maxResponses: 2, maxBytes: 10_000 });
    stored.keep(given('resp_a', 'A'));
    expect(stored.read('resp_a')).toMatchObject({
      id: 'resp_a',
      object: 'response',
      status: 'completed',
      store: true,
      output: [{ type: 'message', content: [{ text: 'Done.' }] }],
    });
    expect([stored.remove('resp_a'), stored.remove('resp_a'), stored.read('resp_a')]).toEqual([true, false, undefined]);
    expect(() => stored.expand(goOn('resp_a'))).toThrow('not found');
  });
});
