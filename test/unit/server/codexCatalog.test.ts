import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { createModelCatalog } from '../../../src/gateway/modelCatalog.ts';
import { createFigures } from '../../../src/observe/figures.ts';
import { createHealth } from '../../../src/routing/health.ts';
import { createPages } from '../../../src/server/pages.ts';

type Entry = {
  slug: string;
  visibility: string;
  priority: number;
  context_window: number;
  input_modalities: string[];
  default_reasoning_level?: string;
  supported_reasoning_levels: { effort: string; description: string }[];
};

async function catalog(changes: object = {}, off: string[] = [], version = '0.169.0'): Promise<Entry[]> {
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
    condition: () => ({ targets: [], health: { status: 'healthy', reasons: [], wording: [] } }),
    models: createModelCatalog({ config: () => config, learnt: () => undefined, now: () => 0 }),
    health: createHealth(),
    figures: createFigures(() => 0),
    active: () => ({ requests: 0, streams: 0 }),
    now: () => 0,
    version: '1',
    startedAt: 0,
  });
  const page = pages.models(new URLSearchParams({ client_version: version }), {});
  return (page as { models: Entry[] }).models;
}

describe('the Codex catalog', () => {
  // They make Codex send code for its own models instead of tools (clients-wire.md §2).
  it.each(['0.98.0', '0.130.0', '0.169.0', '9.0.0'])(
    'has no field for the models of one maker, for Codex %s',
    async (version) => {
      for (const entry of await catalog({}, [], version)) {
        expect(Object.keys(entry)).not.toEqual(
          expect.arrayContaining([expect.stringMatching(/tool_mode|lite|code_mode/)]),
        );
      }
    },
  );

  it('offers auto first, then routes, presets and targets, and hides other usable names', async () => {
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

  it('has the facts of the model that each name resolves to', async () => {
    const bySlug = new Map((await catalog()).map((model) => [model.slug, model]));
    const facts = (slug: string) => [bySlug.get(slug)?.context_window, bySlug.get(slug)?.input_modalities];
    expect(facts('auto')).toEqual([204_800, ['text']]);
    expect(facts('deep')).toEqual([1_048_576, ['text']]);
    expect(facts('my-name')).toEqual([1_048_576, ['text']]);
    expect(facts('glm-9v')).toEqual([128_000, ['text', 'image']]);
    // A quirk drops images for models that are not known to accept them.
    expect(facts('zai,other')).toEqual([128_000, ['text']]);
  });

  it('offers the efforts of the model that a name stands for, one of them as the default', async () => {
    const bySlug = new Map((await catalog()).map((model) => [model.slug, model]));
    const levels = (slug: string) => {
      const { default_reasoning_level: standard, supported_reasoning_levels: all = [] } = bySlug.get(slug) ?? {};
      return [standard, all.map(({ effort }) => effort).join(' ')];
    };
    expect(levels('auto')).toEqual(['high', 'none high']);
    expect(levels('think')).toEqual(['high', 'none low high max']);
    expect(levels('deep')).toEqual(['high', 'none low high max']);
    expect(levels('deepseek,deepseek-v4-pro')).toEqual(['high', 'none low high max']);
    expect(levels('zai,other')).toEqual(['medium', 'low medium high']);
  });

  it('offers no effort for a model whose effort can not be set', async () => {
    const providers = [{ name: 'minimax', api_base_url: 'http://c/v1', models: ['MiniMax-M2.7'] }];
    const [auto] = await catalog({ Providers: providers, Router: { default: 'minimax,MiniMax-M2.7' } });
    expect(auto?.supported_reasoning_levels).toEqual([]);
    expect(auto).not.toHaveProperty('default_reasoning_level');
  });

  // Codex 0.130 rejects a whole catalog that contains this effort.
  it.each([
    ['0.98.0', false],
    ['0.130.0', false],
    ['0.155.0', true],
    ['0.169.0', true],
    ['1.2.0', true],
    ['ccr', false],
  ])('offers Codex %s the effort max: %s', async (version, expected) => {
    const efforts = (await catalog({}, [], version)).flatMap((model) => model.supported_reasoning_levels);
    expect(efforts.some(({ effort }) => effort === 'max')).toBe(expected);
  });

  it('lets Codex send what only the routes image and longContext take, where requests go by what they need', async () => {
    const Router = {
      default: 'zai,glm-4.7',
      think: 'zai,glm-4.7',
      image: 'zai,glm-9v',
      longContext: 'deepseek,deepseek-v4-pro',
    };
    const changes = { Router, Presets: { plain: { route: 'zai,glm-4.7' } }, Frontend: {} };
    const factsWithout = async (off: string[]) => {
      const bySlug = new Map((await catalog(changes, off)).map((model) => [model.slug, model]));
      return (slug: string) => [bySlug.get(slug)?.context_window, bySlug.get(slug)?.input_modalities];
    };
    const facts = await factsWithout([]);
    for (const name of ['auto', 'think', 'gpt-4o']) expect(facts(name), name).toEqual([1_048_576, ['text', 'image']]);
    for (const name of ['plain', 'glm-4.7', 'zai,glm-4.7']) expect(facts(name), name).toEqual([204_800, ['text']]);
    expect((await factsWithout(['deepseek']))('auto')).toEqual([204_800, ['text', 'image']]);
  });

  it('prefers the facts in the config', async () => {
    const info = { context_window: 32_000, input_modalities: ['text', 'image'], reasoning_efforts: ['low', 'xhigh'] };
    const [auto] = await catalog({
      Providers: [{ name: 'zai', api_base_url: 'http://b/v1', models: ['glm-4.7'], model_info: { 'glm-4.7': info } }],
      Router: { default: 'zai,glm-4.7' },
    });
    expect(auto).toMatchObject({ context_window: 32_000, input_modalities: ['text', 'image'] });
    expect(auto?.supported_reasoning_levels.map(({ effort }) => effort)).toEqual(['low', 'xhigh']);
    expect(auto?.default_reasoning_level).toBe('low');
  });

  it('omits models of providers that are off', async () => {
    expect((await catalog({}, ['deepseek'])).map(({ slug }) => slug)).not.toContain('deepseek,deepseek-v4-pro');
  });

  it('has at most a hundred models and drops no hidden name', async () => {
    const models = Array.from({ length: 150 }, (_, index) => `m${index}`);
    const entries = await catalog({
      Providers: [{ name: 'zai', api_base_url: 'http://b/v1', models: ['glm-4.7', ...models] }],
    });
    expect(entries).toHaveLength(100);
    expect(entries.map(({ slug }) => slug)).toEqual(expect.arrayContaining(['auto', 'my-name', 'gpt-4o']));
  });
});
