import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const usage = {
  prompt_tokens: 1_000_000,
  completion_tokens: 100_000,
  prompt_tokens_details: { cached_tokens: 400_000 },
};
const config = {
  Providers: [
    {
      name: 'priced',
      api_base_url: 'http://one.test/v1',
      models: ['m'],
      tier_name: 'paid',
      pricing: { input_per_million_tokens: 1, output_per_million_tokens: 10, cache_read_per_million_tokens: 0.1 },
    },
    { name: 'unpriced', api_base_url: 'http://two.test/v1', models: ['n'] },
  ],
  Router: { default: 'priced,m' },
};
const whole = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }], usage };
const streamed =
  chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop') + `data: ${JSON.stringify({ choices: [], usage })}\n\n`;

async function answer(model: string, stream: boolean) {
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, stream ? streamed : whole)));
  const body = { model, stream, messages: [{ role: 'user', content: 'Hello' }] };
  await bench.ask({ dialect: 'openai-chat', body }).done;
  const lines = (await bench.metrics.text()).split('\n').filter((line) => line.startsWith('ccr_cost_usd_total{'));
  return { record: bench.records[0], lines };
}

describe.each([true, false])('the cost of an answer (streamed: %s)', (stream) => {
  it('is in its record and in the metrics of its tier', async () => {
    const { record, lines } = await answer('m', stream);
    expect(record?.costUsd).toBeCloseTo(0.6 + 0.04 + 1, 12);
    expect(lines).toEqual([expect.stringMatching(/^ccr_cost_usd_total\{tier="paid"\} 1\.64/)]);
  });

  it('is absent when a price is unknown', async () => {
    const { record, lines } = await answer('n', stream);
    expect(record?.usage).toMatchObject({ inputTokens: 1_000_000 });
    expect(record?.costUsd).toBeUndefined();
    expect(lines).toEqual([]);
  });
});
