import { afterEach, expect, it, vi } from 'vitest';
import { dialectById } from '../../../src/dialects/registry.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

afterEach(() => void vi.restoreAllMocks());

const config = {
  Providers: [{ name: 'a', api_base_url: 'https://a.test', protocol: 'anthropic', api_key: 'key-of-a', models: ['m'] }],
  Router: { default: 'a,m' },
};
const answer = {
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text: 'Hi.' }],
  stop_reason: 'end_turn',
};

it('a whole reply that cannot be written is an error with a status', async () => {
  // JSON has no form for it, as for a text beyond the longest string.
  vi.spyOn(dialectById('openai-chat'), 'writeReply').mockReturnValue({ content: 1n } as never);
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answer)));
  const body = { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] };
  const { received, done } = bench.ask({ dialect: 'openai-chat', body });
  await done;
  expect(received).toMatchObject({ status: 500, ended: true });
  expect(received.text).toContain('CCR failed on this request');
});
