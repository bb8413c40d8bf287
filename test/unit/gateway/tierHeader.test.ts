import { expect, it } from 'vitest';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const provider = (name: string) => ({
  name,
  api_base_url: `http://${name}.test/v1`,
  models: ['m'],
  api_key: `key-of-${name}`,
  tier_name: `tier ${name}`,
});
const config = {
  Providers: [provider('one'), provider('two')],
  Router: { default: 'one,m', tiers: ['one,m', 'two,m'], strategy: 'ordered' },
};
const asked = { dialect: 'openai-chat', body: { messages: [{ role: 'user', content: 'Hi' }] } } as const;

it.each([429, 401])('the header x-ccr-tier of an answer with %i names the tier that was asked last', async (status) => {
  const bench = createGatewayBench(config, () =>
    Promise.resolve(replyWith(status, { error: { message: 'No.' } }, { 'retry-after': '60' })),
  );
  const { done, received } = bench.ask(asked);
  await bench.clock.advance(0);
  await done;
  expect(received.status).toBeGreaterThanOrEqual(400);
  expect(received.headers['x-ccr-tier']).toBe('tier two');
});

it('is absent if none was asked', async () => {
  const bench = createGatewayBench(config, () => Promise.reject(new Error('unused')));
  const { done, received } = bench.ask({ ...asked, body: { messages: 'none' } });
  await done;
  expect(received.status).toBe(400);
  expect(received.headers).not.toHaveProperty('x-ccr-tier');
});
