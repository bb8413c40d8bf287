import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { createMetrics } from '../../../src/observe/metrics.ts';
import { createHealth } from '../../../src/routing/health.ts';
import { createPages } from '../../../src/server/pages.ts';
import { readAddress } from '../../../src/server/address.ts';

type Entry = { slug: string; visibility: string; priority: number; context_window: number; input_modalities: string[] };

async function catalog(changes: object = {}, off: string[] = []): Promise<Entry[]> {
  const config = configSchema.parse({
    Providers: [
      { name: 'deepseek', api_base_url: 'http://a/v1', models: ['deepseek-v4-pro'] },
      { name: 'zai', api_base_url: 'http://b/v1', models: ['glm-4.7', 'glm-9v', 'other'] },
    ],
    Router: { default: 'zai,glm-4.7', think: 'deepseek,deepseek-v4-pro' },
    Presets: { deep: { route: 'think' } },
    Frontend: { codex: { modelMappings: { 'my-name': 'deep', default: 'think' } } },
    ...changes,
  });
  const pages = createPages({
    config: () => config,
    isEnabled: (name) => !off.includes(name),
    configHealth: () => ({ status: 'healthy' }),
    health: createHealth(),
    metrics: createMetrics(() => []),
    version: '1',
    startedAt: 0,
  });
  const page = await pages.read(readAddress('/v1/models?client_version=0.169.0'), {});
  return (JSON.parse(page?.body ?? '{}') as { models: Entry[] }).models;
}

describe("Codex's catalog", () => {
  it('offers auto first, then routes, presets and targets, and hides the names that may be asked for', async () => {
    const models = await catalog();
    expect(models.filter(({ visibility }) => visibility === 'list').map(({ slug }) => slug)).toEqual([
      'auto',
      'think',
      'deep',
      'deepseek,deepseek-v4-pro',
      'zai,glm-4.7',
      'zai,glm-9v',
      'zai,other',
    ]);
    expect(models.filter(({ visibility }) => visibility === 'hide').map(({ slug }) => slug)).toEqual(
      expect.arrayContaining(['my-name', 'gpt-4o', 'o3-mini', 'glm-4.7']),
    );
    expect(models.map(({ priority }) => priority)).toEqual(models.map((_, index) => index));
    expect(models.map(({ slug }) => slug)).not.toContain('default');
  });

  it('tells of the model that would answer to each name', async () => {
    const bySlug = new Map((await catalog()).map((model) => [model.slug, model]));
    const facts = (slug: string) => [bySlug.get(slug)?.context_window, bySlug.get(slug)?.input_modalities];
    expect(facts('auto')).toEqual([204_800, ['text']]);
    expect(facts('deep')).toEqual([1_048_576, ['text']]);
    expect(facts('my-name')).toEqual([1_048_576, ['text']]);
    expect(facts('glm-9v')).toEqual([128_000, ['text', 'image']]);
    expect(facts('zai,other')).toEqual([128_000, ['text', 'image']]);
  });

  it('leaves out what can not be asked', async () => {
    expect((await catalog({}, ['deepseek'])).map(({ slug }) => slug)).not.toContain('deepseek,deepseek-v4-pro');
  });

  it('holds a hundred models at the most, and loses no hidden name', async () => {
    const models = Array.from({ length: 150 }, (_, index) => `m${index}`);
    const entries = await catalog({
      Providers: [{ name: 'zai', api_base_url: 'http://b/v1', models: ['glm-4.7', ...models] }],
    });
    expect(entries).toHaveLength(100);
    expect(entries.map(({ slug }) => slug)).toEqual(expect.arrayContaining(['auto', 'my-name', 'gpt-4o']));
  });
});
