import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const pricing = { input_per_million_tokens: 1, output_per_million_tokens: 10 };
const config = {
  Providers: [{ name: 'one', api_base_url: 'http://one.test/v1', models: ['m', 'n'], tier_name: 'first', pricing }],
  Router: { default: 'one,m', tierRetries: { first: { max_retries: 0 } } },
  Presets: { deep: { route: 'one,n' } },
};
const body = { model: 'auto', stream: true, messages: [{ role: 'user', content: 'Hello there' }] };

const oneTier = { name: 'first' };

describe('an answer that breaks off', () => {
  async function breakOff(how: 'cut' | 'hang-up') {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const asked = bench.ask({ dialect: 'openai-chat', body });
    stream.send(chatChunk({ content: 'Some words of an answer' }));
    await bench.clock.advance(10);
    if (how === 'cut') stream.cut();
    else asked.hangUp();
    await asked.done;
    return bench;
  }

  it.each(['cut', 'hang-up'] as const)('is counted with estimated tokens and costs (%s)', async (how) => {
    const { records, figures } = await breakOff(how);
    const [record] = records;
    expect(record).toMatchObject({ isUsageEstimated: true, isCostEstimated: true });
    expect(record?.usage?.inputTokens).toBe(record?.estimate?.total);
    expect(record?.usage?.outputTokens).toBe(5);
    expect(record?.costUsd).toBeGreaterThan(0);
    const [tier] = figures.groups('tier');
    expect(tier).toMatchObject({ ...oneTier, counts: { answers: 1, estimated: 1, outputTokens: 5, unpriced: 0 } });
    expect(tier?.counts.estimatedNanoUsd).toBe(tier?.counts.nanoUsd);
    expect(figures.drift()).toEqual([]);
  });

  it('is counted as its provider had reported, and estimated from there', async () => {
    const usage = { prompt_tokens: 80, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 60 } };
    const reported = { inputTokens: 80, cacheReadTokens: 60 };
    for (const [later, expected] of [
      ['', { usage: { ...reported, outputTokens: 3 }, wasEstimated: false }],
      ['Some words of an answer', { usage: { ...reported, outputTokens: 8 }, wasEstimated: true }],
    ] as const) {
      const stream = createOpenStream();
      const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
      const asked = bench.ask({ dialect: 'openai-chat', body });
      if (later === '') stream.send(chatChunk({ content: 'Some words' }));
      stream.send(`data: ${JSON.stringify({ id: 'c', model: 'm', choices: [], usage })}\n\n`);
      if (later !== '') stream.send(chatChunk({ content: later }));
      await bench.clock.advance(10);
      stream.cut();
      await asked.done;
      const [{ usage: used, isUsageEstimated = false } = { usage: undefined }] = bench.records;
      expect({ usage: used, wasEstimated: isUsageEstimated }).toMatchObject(expected);
    }
  });

  it('is a failure of its tier, unless the client hung up', async () => {
    expect((await breakOff('cut')).figures.failures()).toEqual([['first', 'connection', 1]]);
    expect((await breakOff('hang-up')).figures.failures()).toEqual([]);
  });
});

describe('what is counted of a request', () => {
  const usage = { prompt_tokens: 8, completion_tokens: 2 };
  const whole = {
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage,
  };
  const ask = async (asked: object, answer = whole as object) => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answer)));
    await bench.ask({ dialect: 'openai-chat', body: { ...body, stream: false }, ...asked }).done;
    return bench;
  };

  it('has its labels: tier, model, class, client, preset and a hash for the conversation', async () => {
    const { figures } = await ask({ preset: 'deep', client: 'claude-code' });
    const names = (['tier', 'model', 'class', 'client', 'preset'] as const).map((by) => figures.groups(by)[0]?.name);
    expect(names).toEqual(['first', 'one,n', 'main', 'claude_code', 'deep']);
    expect(figures.groups('conversation')[0]?.name).toMatch(/^[\w-]{12}$/);
    expect(figures.frontends()).toMatchObject([{ frontend: 'claude_code', requests: 1 }]);
  });

  it('is estimated where a provider reports no usage', async () => {
    const { records, figures } = await ask({}, { ...whole, usage: undefined });
    expect(records[0]).toMatchObject({ isUsageEstimated: true, usage: { outputTokens: 1 } });
    expect(figures.groups('tier')[0]?.counts.estimated).toBe(1);
  });

  it('costs what the provider says, if it does', async () => {
    const cost = { cost: 0.5, is_byok: false, cost_details: { upstream_inference_cost: 7 } };
    const { records } = await ask({}, { ...whole, usage: { ...usage, ...cost } });
    expect(records[0]).toMatchObject({ costUsd: 0.5 });
    const own = await ask({}, { ...whole, usage: { ...usage, ...cost, is_byok: true } });
    expect(own.records[0]).toMatchObject({ costUsd: 7.5 });
    const other = await ask({}, { ...whole, usage: { ...usage, cost: 12 } });
    expect(other.records[0]?.costUsd).toBeCloseTo(0.000_028, 12);
  });

  it('has the estimate of its input once for each target, and how it compares with the count', async () => {
    const { figures, metrics } = await ask({});
    expect(figures.audit()).toMatchObject([{ tier: 'first', tool_tokens: 0 }]);
    expect(figures.drift()).toMatchObject([{ tier: 'first', samples: 1, last_upstream: 8 }]);
    expect(await metrics.text()).toContain('ccr_pre_request_tokens_count{tier="first"} 1');
  });

  it('has no label that a client made up', async () => {
    const marks = { model: 'made-up-model', user: 'made-up-user' };
    const headers = { 'user-agent': 'made-up-agent', 'x-session-id': 'made-up-session' };
    const { figures, metrics } = await ask({ body: { ...body, ...marks, stream: false }, headers });
    expect(JSON.stringify(figures.snapshot())).not.toContain('made-up');
    expect(await metrics.text()).not.toContain('made-up');
  });
});
