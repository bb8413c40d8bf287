import { expect, it } from 'vitest';
import { providerSchema } from '../../../src/config/schema.ts';
import { modelViews } from '../../../src/server/modelViews.ts';

it('lists the models of the config with what is known of them', () => {
  const provider = providerSchema.parse({ name: 'p', api_base_url: 'http://127.0.0.1:1/v1', models: ['known', 'new'] });
  const facts = {
    known: { contextWindow: 1000, prices: { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 3 } },
    new: {},
  };
  const factsOf = ({ model }: { model: string }) => ({
    inputModalities: ['text'] as const,
    ...facts[model as 'known'],
  });
  expect(modelViews({ Providers: [provider] }, factsOf)).toEqual([
    { target: 'p,known', contextWindow: 1000, prices: { input: 1, output: 2, cacheRead: 0.1 }, readsImages: false },
    { target: 'p,new', readsImages: false },
  ]);
});
