import { wording } from '../../../../src/canonical/wording.ts';
import type { LanguageFacts } from '../../../../src/config/language/facts.ts';

/** The facts that an editor would have, about invented providers. */
export const facts: LanguageFacts = {
  modelFacts: (_, model) =>
    model.startsWith('big')
      ? { contextWindow: 200_000, maxOutputTokens: 32_000, prices: { input: 3, output: 15, cacheRead: 0.3 } }
      : undefined,
  variables: () => [
    { name: 'ALPHA_KEY', from: wording('set in the environment') },
    { name: 'BETA_KEY', from: wording('set in ~/.claude-code-router/.env') },
  ],
  secrets: ['alpha'],
  transformers: [{ name: 'maxtoken', effect: wording('Lowers the limit.') }, { name: 'tooluse' }],
  knownProviders: [
    {
      name: 'alpha',
      label: 'Alpha',
      baseUrl: 'https://api.alpha.test/v1',
      protocol: 'openai',
      keyVariable: 'ALPHA_KEY',
      models: ['big-1', 'small-1'],
      page: 'https://alpha.test/keys',
    },
    {
      name: 'gamma',
      label: 'Gamma, on this machine',
      baseUrl: 'http://127.0.0.1:9/v1',
      protocol: 'anthropic',
      models: [],
      page: 'https://gamma.test',
    },
  ],
};

/** The text without its `|`, and the offset where that was. */
export function withCursor(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf('|');
  if (offset < 0) throw new Error('The text has no | for the cursor.');
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

/** A config with every kind of entry. `router` and `more` are JSON text. */
export function config(router: string, more = ''): string {
  return `{
  // my providers
  "Providers": [
    {
      "name": "alpha",
      "api_base_url": "https://api.alpha.test/v1",
      "api_key": "\${ALPHA_KEY}",
      "models": ["big-1", "small,2"],
    },
    { "name": "beta", "api_base_url": "https://beta.test/v1", "api_key": "sk-plain-0123456789", "models": ["big-2"] }
  ],
  "Router": { ${router} },
  "Presets": { "careful": { "route": "think" }, "cheap": { "route": "beta,big-2" } }${more}
}
`;
}
