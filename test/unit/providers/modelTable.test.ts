import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { findProvider, partiesOf } from '../../../src/providers/findProvider.ts';
import { modelTable, type ModelEntry } from '../../../src/providers/modelTable.ts';
import { findEntry, tableFacts } from '../../../src/providers/models.ts';
import { providerPresets } from '../../../src/providers/presets.ts';

const reference = readFileSync(path.join(import.meta.dirname, '../../../docs/reference/providers.md'), 'utf8');
const sections = [...reference.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);

/** A model's name as its maker writes it: the first of an entry's. */
const nameOf = ({ name }: ModelEntry): string => (name.split(',')[0] ?? '').replace(/^other | to .*$/g, '');

describe.each(modelTable.map((entry) => [entry.name, entry] as const))('%s', (_, entry) => {
  it('says from when its figures are, and where they are written', () => {
    expect(entry.date).toMatch(/^2026-\d\d(-\d\d)?$/);
    expect(sections).toContain(entry.source);
  });

  it('is found by its name, at its maker and elsewhere', () => {
    const name = nameOf(entry);
    expect(findEntry(name)).toBe(entry);
    expect(findEntry(`some-host/${name.toUpperCase()}`)).toBe(entry);
  });

  it('has prices that can be', () => {
    for (const { input, output, cacheRead = 0, tiers = [] } of entry.prices ?? []) {
      expect(output).toBeGreaterThan(input);
      expect(cacheRead).toBeLessThan(input);
      for (const tier of tiers) expect(tier.input).toBeGreaterThan(input);
    }
  });

  // What a client is offered must be more than a word.
  it('asks its maker for something else with each effort', () => {
    const preset = providerPresets.find(({ baseUrl }) => partiesOf(baseUrl, '').host.includes(entry.maker));
    const provider = findProvider({
      name: preset?.name ?? '',
      baseUrl: preset?.baseUrl ?? '',
      protocol: preset?.protocol === 'anthropic' ? 'anthropic' : 'openai',
      model: nameOf(entry),
    });
    const isMessages = preset?.protocol === 'anthropic';
    const bodies = (entry.efforts ?? []).map((effort) => {
      const thinking = { thinking: { type: 'adaptive' }, output_config: { effort }, max_tokens: 64_000 };
      return JSON.stringify(provider.quirks.body?.(isMessages ? thinking : { reasoning_effort: effort }));
    });
    expect(new Set(bodies).size).toBe(bodies.length);
  });
});

describe('a model', () => {
  test.each([
    ['deepseek/deepseek-v4-pro', 'deepseek-v4-pro'],
    ['anthropic/claude-opus-5.5', 'claude-opus-5.5'],
    ['claude-opus-5-5', 'claude-opus-5.5'],
    ['claude-sonnet-5-20260630', 'claude-opus-5, claude-sonnet-5'],
    ['claude-haiku-4-5-20251001', 'claude-haiku-4.5'],
    ['zai-org/GLM-5.1-FP8', 'glm-5.1'],
    ['MiniMax-M3', 'MiniMax-M3'],
    ['MiniMax-M3.1-Flash', 'MiniMax-M3.1-Flash'],
    ['MiniMax-M2.1', 'other MiniMax-M2'],
    ['gpt-oss:120b', 'gpt-oss-120b'],
    ['gpt-5.4-2026-03-05', 'gpt-5.2 to gpt-5.5'],
    ['gpt-5-mini', 'gpt-5'],
    ['o3', 'o1, o3, o4-mini'],
    ['gpt-4o', 'gpt-4o, gpt-4.1'],
    ['kimi-k3', 'kimi-k3'],
    ['glm-4.6v', undefined],
    ['glm-4.7-flash', undefined],
    ['kimi-k3.5', undefined],
    ['deepseek-v4-flash', 'other deepseek-v4'],
    ['gemini-3.5-flash', 'other gemini-3'],
    ['deepseek-reasoner', undefined],
    ['gpt-5-pro', undefined],
    ['my-own-model', undefined],
  ])('%s is %s', (model, name) => expect(findEntry(model)?.name).toBe(name));

  it('has prices at its maker alone', () => {
    const at = (makers: string[]) => tableFacts('deepseek-v4-pro', '2026-11-22', (maker) => makers.includes(maker));
    expect(at(['deepseek'])?.facts.prices).toMatchObject({ input: 0.66, cacheRead: 0.022, output: 1.98 });
    expect(at(['openrouter'])?.facts).toMatchObject({ contextWindow: 1_048_576, prices: undefined });
  });

  it('has the prices of the day', () => {
    const on = (day: string) => tableFacts('gemini-3.8-flash', day, () => true)?.facts.prices?.input;
    expect([on('2026-12-31'), on('2027-01-01')]).toEqual([0.75, 1.5]);
  });
});
