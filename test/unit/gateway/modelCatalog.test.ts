import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { createModelCatalog } from '../../../src/gateway/modelCatalog.ts';
import type { ModelFacts } from '../../../src/providers/modelFacts.ts';
import { readModelsDev } from '../../../src/providers/modelsDev.ts';

const pro = 'deepseek-v4-pro';

/** The facts of a model at a provider named p. */
function factsOf(model: string, baseUrl: string, more: object = {}, learnt?: object): ModelFacts {
  const config = configSchema.parse({
    Providers: [{ name: 'p', api_base_url: baseUrl, models: [model], ...more }],
    Router: { default: `p,${model}` },
  });
  const catalog = learnt === undefined ? undefined : readModelsDev(learnt);
  const now = Date.UTC(2026, 10, 22);
  return createModelCatalog({ config: () => config, learnt: () => catalog, now: () => now }).factsOf({
    provider: 'p',
    model,
  });
}

const modelsDev = (updated: string, figures: object = {}): object => ({
  deepseek: {
    api: 'https://api.deepseek.com',
    models: { [pro]: { last_updated: updated, limit: { context: 7 }, cost: { input: 7, output: 7 }, ...figures } },
  },
});

describe('the facts of a model', () => {
  it("are our table's, with prices at the maker's own API", () => {
    expect(factsOf(pro, 'https://api.deepseek.com/anthropic')).toMatchObject({
      contextWindow: 1_048_576,
      inputModalities: ['text'],
      efforts: ['none', 'low', 'high', 'max'],
      prices: { input: 0.66, peak: { factor: 2 } },
    });
  });

  it.each([
    'https://openrouter.ai/api/v1',
    'http://127.0.0.1:8000/v1',
    'https://api.deepseek.com.example/v1',
    'https://models.example/v1',
  ])('include no price at %s', (url) => {
    expect(factsOf(`deepseek/${pro}`, url)).toMatchObject({ contextWindow: 1_048_576 });
    expect(factsOf(`deepseek/${pro}`, url).prices).toBeUndefined();
  });

  it('include no price for a subscription plan, or in another country', () => {
    expect(factsOf('glm-4.7', 'https://api.z.ai/api/paas/v4').prices?.input).toBe(0.6);
    expect(factsOf('glm-4.7', 'https://api.z.ai/api/coding/paas/v4').prices).toBeUndefined();
    expect(factsOf('glm-4.7', 'https://open.bigmodel.cn/api/paas/v4').prices).toBeUndefined();
  });

  it('are, figure by figure, the newer of our table and models.dev', () => {
    const url = 'https://api.deepseek.com';
    expect(factsOf(pro, url, {}, modelsDev('2026-04-24'))).toMatchObject({
      contextWindow: 1_048_576,
      prices: { input: 0.66 },
    });
    const newer = factsOf(pro, url, {}, modelsDev('2026-11-01'));
    expect(newer).toMatchObject({
      contextWindow: 7,
      prices: { input: 7, output: 7 },
      efforts: ['none', 'low', 'high', 'max'],
    });
    expect(newer.prices?.peak).toBeUndefined();
    // The older one fills what the newer one lacks.
    expect(factsOf(pro, url, {}, modelsDev('2026-11-01', { limit: {} })).contextWindow).toBe(1_048_576);
  });

  it('come from models.dev for models that our table does not have', () => {
    const learnt = {
      mine: {
        api: 'https://models.example/v1',
        models: { new: { last_updated: '2026-01-01', limit: { context: 9 } } },
      },
    };
    expect(factsOf('new', 'https://models.example/v1', {}, learnt).contextWindow).toBe(9);
    expect(factsOf('new', 'https://models.example/v1').contextWindow).toBeUndefined();
  });

  it("are the config's first of all", () => {
    const model_info = { [pro]: { context_window: 5, max_output_tokens: 4, reasoning_efforts: [] } };
    expect(factsOf(pro, 'https://api.deepseek.com', { model_info }, modelsDev('2026-11-01'))).toMatchObject({
      contextWindow: 5,
      maxOutputTokens: 4,
      efforts: [],
      prices: { input: 7 },
    });
  });

  it('exclude images that a quirk drops', () => {
    expect(factsOf('glm-9', 'https://api.z.ai/api/paas/v4').inputModalities).toEqual(['text']);
    expect(factsOf('glm-9v', 'https://api.z.ai/api/paas/v4').inputModalities).toEqual(['text', 'image']);
    expect(factsOf('anything', 'https://models.example/v1').inputModalities).toEqual(['text', 'image']);
  });
});

describe('prices of the config', () => {
  const input = { input_per_million_tokens: 1 };
  const both = { ...input, output_per_million_tokens: 2 };

  it('are those of the model, then those of the provider', () => {
    const more = { pricing: both, model_pricing: { m: { output_per_million_tokens: 3 } } };
    expect(factsOf('m', 'https://models.example/v1', more).prices).toEqual({
      input: 1,
      output: 3,
      cacheRead: 1,
      cacheWrite: 1,
    });
    expect(factsOf('n', 'https://models.example/v1', more).prices).toMatchObject({ output: 2 });
  });

  it('are unused while one of them is unknown', () => {
    expect(factsOf('m', 'https://models.example/v1', { pricing: input }).prices).toBeUndefined();
    expect(factsOf('m', 'https://models.example/v1', { pricing: {} }).prices).toBeUndefined();
  });

  it('replace the list, tiers and peaks included', () => {
    const prices = factsOf(pro, 'https://api.deepseek.com', {
      pricing: { ...both, cache_read_per_million_tokens: 0.5 },
    }).prices;
    expect(prices).toEqual({ input: 1, output: 2, cacheRead: 0.5, cacheWrite: 1 });
  });

  it('may be zero', () => {
    const free = { input_per_million_tokens: 0, output_per_million_tokens: 0 };
    expect(factsOf('m', 'http://127.0.0.1:11434/v1', { pricing: free }).prices).toMatchObject({ input: 0, output: 0 });
  });
});
