import { describe, expect, it } from 'vitest';
import { addProvider, configWithProvider } from '../../../src/config/addProvider.ts';
import { parseConfigText } from '../../../src/config/parse.ts';
import { configTemplate } from '../../../src/vscode/configTemplate.ts';

const provider = {
  name: 'kimi',
  api_base_url: 'https://api.moonshot.ai/v1',
  api_key: '${MOONSHOT_API_KEY}',
  models: ['kimi-k3', 'kimi-k3.1-pro'],
  protocol: undefined,
};
const { protocol: _, ...written } = provider;
const valueOf = (text: string) => parseConfigText('', text).value;

describe('a provider that is added', () => {
  it('is appended, and nothing else changes', () => {
    const text = addProvider(configTemplate, provider, 'none');
    const { Providers, ...rest } = valueOf(configTemplate) as { Providers: object[] };
    expect(valueOf(text)).toEqual({ ...rest, Providers: [...Providers, written] });
    const added = text.split('\n').filter((line) => !configTemplate.includes(line));
    expect(added.join('\n')).toContain('"name": "kimi"');
    for (const line of configTemplate.split('\n')) expect(text).toContain(line);
  });

  it('becomes the default if asked for, and existing routes stay', () => {
    const text = addProvider(configTemplate, provider, { route: 'default' });
    const router = valueOf(configTemplate)?.['Router'] as object;
    expect(valueOf(text)?.['Router']).toEqual({ ...router, default: 'kimi,kimi-k3' });
    expect(text).toContain('// "longContext": "minimax,MiniMax-M3",');
  });

  it('becomes another route, or a preset', () => {
    const think = valueOf(addProvider('{ "Router": { "default": "a,b" } }', provider, { route: 'think' }));
    expect(think?.['Router']).toEqual({ default: 'a,b', think: 'kimi,kimi-k3' });
    const text = '{ "Presets": { "own": { "route": "a,b" } } }';
    expect(valueOf(addProvider(text, provider, { preset: 'deep' }))?.['Presets']).toEqual({
      own: { route: 'a,b' },
      deep: { route: 'kimi,kimi-k3' },
    });
  });

  it.each(['{}', '{ "Providers": [] }', '{ "Providers": [], "Router": {} }', '{\r\n  "Router": {}\r\n}', '\uFEFF{ }'])(
    'is the first in %j',
    (text) => {
      expect(valueOf(addProvider(text, provider, { route: 'default' }))).toEqual({
        Providers: [written],
        Router: { default: 'kimi,kimi-k3' },
      });
    },
  );

  it('is written to a new config', () => {
    expect(configWithProvider(provider)).toBe(`// CCR: the providers, and which of their models answers which requests.
{
  "Providers": [
    {
      "name": "kimi",
      "api_base_url": "https://api.moonshot.ai/v1",
      "api_key": "\${MOONSHOT_API_KEY}",
      "models": [
        "kimi-k3",
        "kimi-k3.1-pro"
      ]
    }
  ],
  "Router": {
    "default": "kimi,kimi-k3"
  }
}
`);
  });

  it.each([
    ['{ "Providers": [ }', /^Fix the config file.*Line 1: Not valid JSON/],
    ['[]', /must contain a JSON object/],
  ])('is not written to the invalid config %j', (text, message) => {
    expect(() => addProvider(text, provider, { route: 'default' })).toThrow(message);
  });
});
