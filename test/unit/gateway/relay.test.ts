import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: [
    { name: 'plain', api_base_url: 'http://plain.test/v1', models: ['p'], transformer: { use: ['identity'] } },
    { name: 'answers', api_base_url: 'https://api.openai.com/v1', models: ['r'], protocol: 'responses' },
  ],
  Router: { default: 'plain,p', tierRetries: { plain: { max_retries: 0 }, answers: { max_retries: 0 } } },
};

const chat = { dialect: 'openai-chat' as const, body: { model: 'p', stream: true, messages: [userMessage()] } };
const responses = {
  dialect: 'openai-responses' as const,
  client: 'codex' as const,
  body: { model: 'r', stream: true, input: 'Hello' },
};

function userMessage(): object {
  return { role: 'user', content: 'Hello' };
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

const item = { id: 'msg_provider', type: 'message', role: 'assistant', status: 'in_progress', content: [] };
const beginning = [
  event('response.created', { response: { id: 'resp_provider', status: 'in_progress', model: 'real', output: [] } }),
  event('response.output_item.added', { output_index: 0, item }),
  event('response.content_part.added', {
    output_index: 0,
    item_id: 'msg_provider',
    content_index: 0,
    part: { type: 'output_text', text: '' },
  }),
  event('response.output_text.delta', { output_index: 0, item_id: 'msg_provider', content_index: 0, delta: 'Hi' }),
].join('');

function eventNames(text: string): string[] {
  return [...text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name ?? '');
}

describe('a relayed stream', () => {
  it('has the name that the client asked for in each of the frames that come together', async () => {
    const frame = (content: string): string =>
      `data: ${JSON.stringify({ id: 'c', model: 'real', choices: [{ index: 0, delta: { content } }] })}\n\n`;
    const quoted = frame('x').trim();
    const texts = ['a', 'b', 'c', quoted, '\n', 'd'];
    const bench = createGatewayBench(config, () =>
      Promise.resolve(replyWith(200, [...texts.map(frame), 'data: [DONE]\n\n'].join(''))),
    );
    const { done, received } = bench.ask(chat);
    await done;
    const events = [...received.text.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json ?? '') as object);
    expect(events.slice(0, texts.length)).toEqual(
      texts.map((content) => ({ id: 'c', model: 'p', choices: [{ index: 0, delta: { content } }] })),
    );
  });

  it('that breaks off after content fails in a way that Codex retries', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask(responses);
    stream.send(beginning);
    await bench.clock.advance(1);
    stream.cut();
    await done;
    expect(received.text).toContain('resp_provider');
    expect(eventNames(received.text).filter((name) => name === 'response.created')).toHaveLength(1);
    expect(eventNames(received.text).at(-1)).toBe('response.failed');
    expect(received.text).toContain('"code":"server_error"');
  });

  it('that ends within an event, after an inner object, sends no half of it', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask(responses);
    stream.send(beginning);
    await bench.clock.advance(1);
    stream.send(
      'event: response.completed\ndata: {"type":"response.completed","response":{"output":[{"id":"msg_provider"}',
    );
    stream.end();
    await done;
    for (const [, data] of received.text.matchAll(/^data: (.*)$/gm)) expect(() => JSON.parse(data ?? '')).not.toThrow();
    expect(eventNames(received.text).at(-1)).toBe('response.failed');
  });

  it('leaves out an event that was damaged on its way', async () => {
    const damaged = 'data: {"choices":[{"index":0,"delta":{"content":"lost"}}\n\n';
    const frames = [chatChunk({ content: 'A' }), damaged, chatChunk({ content: 'B' }), chatChunk({}, 'stop')];
    const bench = createGatewayBench(config, () =>
      Promise.resolve(replyWith(200, `${frames.join('')}data: [DONE]\n\n`)),
    );
    const { done, received } = bench.ask(chat);
    await done;
    expect(received.text).not.toContain('lost');
    expect(received.text).toContain('"B"');
    for (const [, data = ''] of received.text.matchAll(/^data: (\{.*)$/gm))
      expect(() => JSON.parse(data)).not.toThrow();
  });

  it('has the model that the client asked for in every event, of any shape', async () => {
    const frames = ['A', 'B "quoted" \\ ü', 'C', '"model":"x"', 'D'].map((content) => chatChunk({ content }));
    const stream = `${[...frames, chatChunk({}, 'stop')].join('')}data: [DONE]\n\n`;
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, stream)));
    const { done, received } = bench.ask(chat);
    await done;
    expect(received.text).toBe(stream.replaceAll('"model":"real-model"', '"model":"p"'));
  });

  it('is kept alive without a second start', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received, hangUp } = bench.ask(responses);
    stream.send(beginning);
    await bench.clock.advance(15_000);
    expect(eventNames(received.text).at(-1)).toBe('response.in_progress');
    expect(eventNames(received.text).filter((name) => name === 'response.created')).toHaveLength(1);
    hangUp();
    await done;
  });

  it("keeps the provider's id and sequence numbers, with keep-alives in between", async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask(responses);
    stream.send(
      beginning.replaceAll('{"type":"response.output_text', '{"sequence_number":7,"type":"response.output_text'),
    );
    await bench.clock.advance(15_000);
    await bench.clock.advance(15_000);
    stream.cut();
    await done;
    const own = [...received.text.matchAll(/^data: (\{.*"sequence_number":(?:8|9|10),.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '') as { type: string; response: { id: string } },
    );
    expect(own.map(({ type }) => type)).toEqual(['response.in_progress', 'response.in_progress', 'response.failed']);
    expect(own.map(({ response }) => response.id)).toEqual(Array.from({ length: 3 }, () => 'resp_provider'));
  });

  it.each([
    { place: 'before the text', numbered: (number: number, rest: object) => ({ sequence_number: number, ...rest }) },
    { place: 'after the text', numbered: (number: number, rest: object) => ({ ...rest, sequence_number: number }) },
  ])(
    'has increasing sequence numbers, whatever the provider uses $place, and the keep-alives',
    async ({ numbered }) => {
      const text = (number: number, delta: string) =>
        event('response.output_text.delta', numbered(number, { output_index: 0, item_id: 'msg_provider', delta }));
      const numbersOf = async (drive: (send: (text: string) => void, wait: () => Promise<void>) => Promise<void>) => {
        const stream = createOpenStream();
        const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
        const { done, received } = bench.ask(responses);
        stream.send(beginning);
        await bench.clock.advance(1);
        await drive(stream.send, async () => {
          await bench.clock.advance(1);
          await bench.clock.advance(15_000);
        });
        stream.end();
        await done;
        return [...received.text.matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number));
      };
      const completed = event('response.completed', {
        response: { id: 'resp_provider', status: 'completed', output: [] },
        sequence_number: 7,
      });
      const together = [3, 5, 5, 5, 8].map((number) => text(number, 'a'));
      const grown = await numbersOf(async (send) => send(together.join('')));
      expect(grown.slice(0, together.length)).toEqual([3, 5, 6, 7, 8]);
      expect(
        await numbersOf(async (send, wait) => {
          send(text(4, 'a'));
          await wait();
          await wait();
          send(text(5, 'b') + text(6, 'c'));
          await wait();
          send(completed);
        }),
      ).toEqual([4, 5, 6, 7, 8, 9, 10]);
      expect(
        await numbersOf(async (send) => {
          send(text(0, 'a') + text(0, '"sequence_number":3') + text(9, 'c') + completed);
        }),
      ).toEqual([0, 1, 9, 10]);
    },
  );

  it('that lacks only its last event gets it from CCR', async () => {
    const whole = chatChunk({ role: 'assistant', content: 'Hi' }) + chatChunk({}, 'stop');
    for (const end of ['', 'data: [DO', 'data: {"choices":[],"usa']) {
      const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, whole + end)));
      const { done, received } = bench.ask(chat);
      await done;
      expect(received.text.match(/"finish_reason":"stop"/g)).toHaveLength(1);
      expect(received.text).toMatch(/\}\n\ndata: \[DONE\]\n\n$/);
    }
  });

  it('does not start twice if it was kept alive before its first content', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received, hangUp } = bench.ask(responses);
    await bench.clock.advance(15_000);
    stream.send(beginning);
    await bench.clock.advance(1);
    expect(eventNames(received.text).filter((name) => name === 'response.created')).toHaveLength(1);
    expect(received.text).toContain('"delta":"Hi"');
    hangUp();
    await done;
  });

  it("is kept alive despite the provider's comments, which reset no idle timer", async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received, hangUp } = bench.ask(responses);
    stream.send(beginning);
    for (let time = 0; time < 4; time++) {
      await bench.clock.advance(5_000);
      stream.send(': PROCESSING\n\n');
    }
    expect(received.text).not.toContain('PROCESSING');
    expect(eventNames(received.text)).toContain('response.in_progress');
    hangUp();
    await done;
  });

  it('keeps an event of several lines together', async () => {
    const odd = 'data: {"id":"c","model":"real",\ndata: "choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n';
    const bench = createGatewayBench(config, () =>
      Promise.resolve(replyWith(200, odd + chatChunk({}, 'stop') + 'data: [DONE]\n\n')),
    );
    const { done, received } = bench.ask(chat);
    await done;
    expect(received.text).toContain('data: {"id":"c","model":"p",\ndata: "choices"');
  });
});

describe('several choices', () => {
  const tools = [{ type: 'custom', custom: { name: 'apply_patch' } }];

  it('pass a relay unchanged', async () => {
    const choices = [0, 1].map((index) => ({ index, message: { content: `Hi ${index}` }, finish_reason: 'stop' }));
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, { choices })));
    const { done, received } = bench.ask({ ...chat, body: { ...chat.body, stream: false, n: 2 } });
    await done;
    expect(JSON.parse(received.text)).toMatchObject({ choices: [{ index: 0 }, { index: 1 }] });
  });

  it('are rejected if tools have to be rewritten, since only one would survive', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, {})));
    const { done, received } = bench.ask({ ...chat, body: { ...chat.body, stream: false, n: 2, tools } });
    await done;
    expect(received.status).toBe(400);
    expect(bench.calls).toEqual([]);
  });
});
