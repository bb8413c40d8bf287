// What `ccr test-model` found of a model decides where requests go, and is said.
import { describe, expect, it } from 'vitest';
import { explainDetour } from '../../../src/gateway/record.ts';
import type { TestVerdict } from '../../../src/routing/unfit.ts';
import { createGatewayBench, replyWith, type Asked } from '../../support/gatewayBench.ts';

const dayMs = 86_400_000;
const config = {
  Providers: ['first', 'second'].map((name) => ({
    name,
    api_base_url: `http://${name}.test/v1`,
    models: ['m'],
    model_info: { m: { input_modalities: ['text', 'image'] } },
  })),
  Router: { default: 'first,m', tiers: ['first,m', 'second,m'], strategy: 'ordered' },
};

/** What both models have failed, and how many days ago. */
function start(failed: { first?: string[]; second?: string[] }, days = 1) {
  let now = (): number => 0;
  const verdict = (names: string[] | undefined): TestVerdict | undefined =>
    names && { failed: names, testedAtMs: now() - days * dayMs };
  const bench = createGatewayBench(
    config,
    () =>
      Promise.resolve(
        replyWith(200, {
          choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
        }),
      ),
    [],
    undefined,
    ({ provider }) => verdict(provider === 'first' ? failed.first : failed.second),
  );
  now = bench.clock.now;
  const ask = async (body: object): Promise<string> => {
    const asked: Asked = {
      dialect: 'openai-chat',
      body: { model: 'auto', messages: [{ role: 'user', content: 'Hi' }], ...body },
    };
    await bench.ask(asked).done;
    return new URL(bench.calls.at(-1)?.url ?? '').hostname.replace('.test', '');
  };
  const last = () => bench.records.at(-1);
  return { ask, last };
}

const png = 'data:image/png;base64,AQID';
const withImage = { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: png } }] }] };
const withTools = { tools: [{ type: 'function', function: { name: 'read', parameters: { type: 'object' } } }] };
const withSchema = {
  response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object', properties: {} } } },
};

describe('a model that failed a check of its test', () => {
  it.each([
    ['image', withImage],
    ['tool-call', withTools],
    ['structured-output', withSchema],
  ])('is passed over for requests that need %s, and for no others', async (check, body) => {
    const { ask, last } = start({ first: [check] });
    expect(await ask(body)).toBe('second');
    const record = last();
    expect(record?.route?.candidates.map(({ position }) => position)).toEqual(['fallback', 'failed-test']);
    expect(record && explainDetour(record)).toMatch(`first,m failed the check "${check}" of its test on `);
    expect(record?.warnings).toEqual([]);
    expect(await ask({})).toBe('first');
    expect(last()?.warnings).toEqual([]);
  });

  it('is asked if the request names it, or if no other passed, with a warning', async () => {
    const named = start({ first: ['image'] });
    expect(await named.ask({ ...withImage, model: 'first,m' })).toBe('first');
    expect(named.last()?.warnings).toEqual([
      expect.stringMatching(/^first,m failed the check "image" of its test on [\d-]+\. It was asked since/),
    ]);
    const alone = start({ first: ['image'], second: ['image'] });
    expect(await alone.ask(withImage)).toBe('first');
    expect(alone.last()?.warnings).toHaveLength(1);
  });

  it('is asked with a warning if the test is older than 30 days', async () => {
    const { ask, last } = start({ first: ['image'] }, 31);
    expect(await ask(withImage)).toBe('first');
    expect(last()?.warnings).toEqual([expect.stringContaining('too long ago to count')]);
  });
});
