// What a record keeps of texts that providers and clients choose.
import { expect, it } from 'vitest';
import { describeRecord } from '../../../src/gateway/record.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: [{ name: 'one', api_base_url: 'http://one.test/v1', models: ['m'] }],
  Router: { default: 'one,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
};

it('is short of each error, in the log and in views', async () => {
  const bench = createGatewayBench(config, () =>
    Promise.resolve(replyWith(400, { error: { message: `No: ${'many words '.repeat(20_000)}` } })),
  );
  const body = { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] };
  const { done, received } = bench.ask({ dialect: 'openai-chat', body });
  await done;
  expect(received.text).toContain('many words');
  const [record] = bench.records;
  expect(record && describeRecord(record).length).toBeLessThan(800);
  expect(record?.attempts[0]?.error?.message.length).toBeLessThan(33_000);
  for (const line of bench.logged) expect(line.length).toBeLessThan(8_200);
});
