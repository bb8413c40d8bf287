import { describe, expect, it, test } from 'vitest';
import { isLoopbackHost } from '../../../src/config/access.ts';
import { findProvider } from '../../../src/providers/findProvider.ts';
import { providerPresets } from '../../../src/providers/presets.ts';

/** The quirk that is meant for each; a server that serves anybody's models has none of its own. */
const quirks: Record<string, string[]> = {
  deepseek: ['deepseek'],
  zai: ['glm'],
  'zai-coding-plan': ['glm'],
  minimax: ['minimax'],
  kimi: ['kimi'],
  openrouter: ['openrouter'],
  openai: ['openai'],
  xai: ['xai'],
  qwen: ['qwen'],
  gemini: ['gemini'],
  mistral: ['mistral'],
  groq: ['groq'],
  anthropic: ['anthropic'],
  'vscode-lm': ['vscode-lm'],
  ollama: ['ollama'],
  lmstudio: ['lmstudio'],
  vllm: ['vllm'],
  llamacpp: ['llamacpp'],
};

describe('the presets', () => {
  it('have names of their own', () => {
    expect(providerPresets.map(({ name }) => name)).toEqual(Object.keys(quirks));
    expect(new Set(providerPresets.map(({ label }) => label)).size).toBe(providerPresets.length);
  });

  test.each(providerPresets.map((preset) => [preset.name, preset] as const))(
    '%s is found as itself',
    (name, preset) => {
      const { baseUrl, protocol, models } = preset;
      for (const model of models.length > 0 ? models : ['some-model']) {
        expect(findProvider({ name, baseUrl, protocol, model }).quirks.names).toEqual(quirks[name]);
        // Whatever somebody calls it, unless its port is that of many.
        const byName = name === 'vllm' || name === 'llamacpp';
        const found = byName ? [] : quirks[name];
        expect(findProvider({ name: 'mine', baseUrl, protocol, model }).quirks.names).toEqual(found);
      }
    },
  );

  test.each(providerPresets.map((preset) => [preset.name, preset] as const))(
    '%s says where its key is from',
    (_, preset) => {
      const isHere = isLoopbackHost(new URL(preset.baseUrl).hostname);
      expect(preset.keyVariable === undefined).toBe(isHere);
      expect(preset.models.length === 0).toBe(isHere);
      expect(preset.page).toMatch(/^https:/);
    },
  );
});
