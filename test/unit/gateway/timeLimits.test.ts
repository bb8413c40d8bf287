// How long a provider may say nothing: before its first content, within its answer, and what counts as saying something.
import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const limits = { stream_first_event_timeout_ms: 10_000, stream_idle_timeout_ms: 20_000, max_retries: 0 };
const config = {
  Providers: [{ name: 'one', api_base_url: 'http://one.test/v1', models: ['m'] }],
  Router: { default: 'one,m', tierRetries: { 'tier-0': limits } },
};
const request = {
  dialect: 'openai-chat' as const,
  body: { model: 'auto', stream: true, messages: [{ role: 'user', content: 'Hello' }] },
};
const nothing = chatChunk({});
const finish = `${chatChunk({}, 'stop')}data: [DONE]\n\n`;

function ask() {
  const stream = createOpenStream();
  const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
  const { done, received, hangUp, stall } = bench.ask(request);
  const errorOf = (): string => bench.records[0]?.attempts[0]?.error?.message ?? '';
  return { stream, bench, done, received, hangUp, stall, errorOf };
}

describe('before the first content', () => {
  it('silence ends the attempt', async () => {
    const { bench, done, received, errorOf } = ask();
    await bench.clock.advance(9_999);
    expect(bench.calls[0]?.signal.aborted).toBe(false);
    await bench.clock.advance(1);
    await done;
    expect(errorOf()).toBe('one,m sent no content within 10 s.');
    expect(received.status).toBe(504);
  });

  it('events without content count, for as long as they come', async () => {
    const { stream, bench, done, received, errorOf } = ask();
    for (let time = 0; time < 20; time++) {
      stream.send(nothing);
      await bench.clock.advance(9_000);
    }
    expect(errorOf()).toBe('');
    stream.send(chatChunk({ content: 'Hi' }) + finish);
    await done;
    expect(received.text).toContain('Hi');
  });

  it('an event beside comments counts', async () => {
    const { stream, bench, done, received } = ask();
    for (let time = 0; time < 4; time++) {
      stream.send(`: still here\n\n${nothing}: still here\n\n`);
      await bench.clock.advance(9_000);
    }
    stream.send(chatChunk({ content: 'Hi' }) + finish);
    await done;
    expect(received.text).toContain('Hi');
  });

  it('comments do not count: a proxy may send them for a dead provider', async () => {
    const { stream, bench, done, errorOf } = ask();
    for (let time = 0; time < 10; time++) {
      stream.send(': still here\n\n');
      await bench.clock.advance(1_000);
    }
    await done;
    expect(errorOf()).toBe('one,m sent no content within 10 s.');
  });

  it('events without content are bounded in size', async () => {
    const { stream, bench, done, errorOf } = ask();
    const padded = `data: ${JSON.stringify({ id: 'c', choices: [], padding: 'x'.repeat(1_000_000) })}\n\n`;
    for (let count = 0; count < 9; count++) stream.send(padded);
    await bench.clock.advance(100);
    await done;
    expect(errorOf()).toBe('one,m sent 8 MiB without any content.');
    expect(bench.calls[0]?.signal.aborted).toBe(true);
  });
});

describe('within the answer', () => {
  it('silence ends it, counted from the last piece', async () => {
    const { stream, bench, done, received } = ask();
    for (const content of ['one ', 'two ', 'three ']) {
      stream.send(chatChunk({ content }));
      await bench.clock.advance(19_000);
    }
    expect(received.ended).toBe(false);
    await bench.clock.advance(1_000);
    await done;
    expect(received.text).toContain('one,m sent no more of its answer within 20 s.');
    expect(received.text).toContain('three');
  });

  it('silence after the first piece has the same limit', async () => {
    const { stream, bench, done, received } = ask();
    await bench.clock.advance(9_000);
    stream.send(chatChunk({ content: 'one' }));
    await bench.clock.advance(19_999);
    expect(received.ended).toBe(false);
    await bench.clock.advance(1);
    await done;
    expect(received.text).toContain('one,m sent no more of its answer within 20 s.');
  });
});

it('the wait for a client that does not read is no silence of the provider', async () => {
  const { stream, bench, done, received, stall } = ask();
  stream.send(chatChunk({ content: 'one ' }));
  await bench.clock.advance(1_000);
  const goOn = stall();
  stream.send(chatChunk({ content: 'two' }));
  await bench.clock.advance(300_000);
  expect(bench.calls[0]?.signal.aborted).toBe(false);
  goOn();
  stream.send(finish);
  await done;
  expect(received.text).toContain('[DONE]');
});

describe('afterwards', () => {
  it('no timer runs on', async () => {
    const { stream, bench, done } = ask();
    stream.send(chatChunk({ content: 'Hi' }) + finish);
    stream.end();
    await done;
    await bench.clock.advance(1_000);
    expect(await bench.clock.next()).toBe(false);
    expect(bench.calls[0]?.signal.aborted).toBe(false);
  });

  it('no timer runs on when the client has left', async () => {
    const { stream, bench, done, hangUp } = ask();
    stream.send(chatChunk({ content: 'Hi' }));
    await bench.clock.advance(100);
    hangUp();
    await done;
    await bench.clock.advance(1_000);
    expect(await bench.clock.next()).toBe(false);
  });
});

it.each([
  [199, false],
  [200, true],
  [299, true],
  [300, false],
])('the status %i is an answer: %s', async (status, isAnswer) => {
  const bench = createGatewayBench(config, () =>
    Promise.resolve(replyWith(status, chatChunk({ content: 'Hi' }) + finish)),
  );
  const { done, received } = bench.ask(request);
  await done;
  expect(received.status === 200).toBe(isAnswer);
});
