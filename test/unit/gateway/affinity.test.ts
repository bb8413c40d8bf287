import { expect, it } from 'vitest';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: ['a', 'b'].map((name) => ({ name, api_base_url: `http://${name}.test/v1`, models: ['m'] })),
  Router: { default: 'a,m', tiers: ['a,m', 'b,m'], tierRetries: { 'tier-0': { max_retries: 0 } } },
};
const answer = chatChunk({ content: 'Yes.' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';
const user = (content: string) => ({ role: 'user', content });
const said = { role: 'assistant', content: 'Yes.' };

/** Provider `a` refuses the first request with a limit of a second. */
function createBench() {
  let isFirst = true;
  return createGatewayBench(config, () => {
    const reply = isFirst ? replyWith(429, { error: { message: 'Slow down.' } }, { 'retry-after': '1' }) : undefined;
    isFirst = false;
    return Promise.resolve(reply ?? replyWith(200, answer));
  });
}

it.each([
  ['its session id', { 'session-id': 's1' }],
  ['its messages', {}],
])('a conversation that is known by %s stays where it went', async (_, headers) => {
  const bench = createBench();
  const ask = (...messages: object[]): Promise<void> =>
    bench.ask({ dialect: 'openai-chat', body: { model: 'auto', stream: true, messages }, headers }).done;
  await ask(user('Hello'));
  await bench.clock.advance(2000);
  await ask(user('Hello'), said, user('More'));
  expect(bench.records.map(({ target }) => target?.provider)).toEqual(['b', 'b']);
  expect(bench.records[1]?.route?.affinity).toMatchObject({ from: 'b,m', outcome: 'stayed' });
});

it('another conversation that starts with the same message is not taken for it', async () => {
  const bench = createBench();
  const ask = (...messages: object[]): Promise<void> =>
    bench.ask({ dialect: 'openai-chat', body: { model: 'auto', stream: true, messages } }).done;
  await ask(user('Hello'));
  await bench.clock.advance(2000);
  await ask(user('Hello'), said, user('More'), { role: 'assistant', content: 'Other.' }, user('And?'));
  expect(bench.records[1]?.route?.affinity).toBeUndefined();
});

it('a named target is obeyed', async () => {
  const bench = createBench();
  const headers = { 'session-id': 's1' };
  const ask = (model: string): Promise<void> =>
    bench.ask({ dialect: 'openai-chat', body: { model, stream: true, messages: [user('Hello')] }, headers }).done;
  await ask('auto');
  await bench.clock.advance(2000);
  await ask('a,m');
  expect(bench.records.map(({ target }) => target?.provider)).toEqual(['b', 'a']);
  expect(bench.records[1]?.route?.affinity).toMatchObject({ from: 'b,m', outcome: 'route' });
});
