import { describe, expect, it } from 'vitest';
import { placeholderKey } from '../../../src/config/placeholder.ts';
import {
  applyMutations,
  idleMutations,
  proxyVariables,
  terminalMutations,
  type TerminalFacts,
} from '../../../src/vscode/terminalEnvironment.ts';

const facts: TerminalFacts = {
  clients: ['codex'],
  url: 'http://127.0.0.1:3456',
  scope: 'abc',
  token: undefined,
  shimFolders: { codex: '/storage/bin', claude: '/storage/bin-claude' },
  environment: {},
  platform: 'linux',
};

describe('a terminal’s environment', () => {
  it('points clients to the gateway under the window’s scope', () => {
    expect(applyMutations(terminalMutations(facts), { PATH: '/usr/bin', OPENAI_API_KEY: 'mine' })).toEqual({
      OPENAI_BASE_URL: 'http://127.0.0.1:3456/w/abc/v1',
      OPENAI_API_KEY: placeholderKey,
      CODEX_API_KEY: placeholderKey,
      CCR_URL: 'http://127.0.0.1:3456',
      CCR_SCOPE: 'abc',
      PATH: '/storage/bin:/usr/bin',
      NO_PROXY: ',127.0.0.1,localhost',
    });
  });

  it('points Claude Code and Codex there only when selected', () => {
    const both = applyMutations(terminalMutations({ ...facts, clients: ['codex', 'claude'] }), {});
    expect(both).toMatchObject({
      OPENAI_BASE_URL: 'http://127.0.0.1:3456/w/abc/v1',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:3456/w/abc',
      ANTHROPIC_AUTH_TOKEN: placeholderKey,
      PATH: '/storage/bin:/storage/bin-claude:',
    });
    expect(applyMutations(terminalMutations({ ...facts, clients: ['claude'], token: 't' }), {})).toEqual({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:3456/w/abc',
      ANTHROPIC_AUTH_TOKEN: 't',
      CLAUDE_CODE_GATEWAY_HINT_HEADERS: '1',
      PATH: '/storage/bin-claude:',
      CCR_URL: 'http://127.0.0.1:3456',
      CCR_SCOPE: 'abc',
      NO_PROXY: ',127.0.0.1,localhost',
    });
  });

  it('has the token where one is required', () => {
    const { OPENAI_API_KEY, CODEX_API_KEY } = applyMutations(terminalMutations({ ...facts, token: 't' }), {});
    expect([OPENAI_API_KEY, CODEX_API_KEY]).toEqual(['t', 't']);
  });

  it('keeps existing proxy exceptions, under the name in use', () => {
    const environment = { no_proxy: '.corp' };
    expect(applyMutations(terminalMutations({ ...facts, environment }), environment)).toMatchObject({
      NO_PROXY: ',127.0.0.1,localhost',
      no_proxy: '.corp,127.0.0.1,localhost',
    });
  });

  it('on Windows has one NO_PROXY and the delimiter of PATH', () => {
    const mutations = terminalMutations({
      ...facts,
      platform: 'win32',
      shimFolders: { codex: String.raw`C:\bin`, claude: String.raw`C:\bin-claude` },
      environment: { no_proxy: 'x' },
    });
    expect(mutations.filter(({ name }) => name.toLowerCase() === 'no_proxy')).toHaveLength(1);
    expect(mutations).toContainEqual({ kind: 'prepend', name: 'PATH', value: String.raw`C:\bin;` });
  });
});

describe('while no gateway runs', () => {
  it.each<[TerminalFacts['clients'], Record<string, string>]>([
    [[], {}],
    [['claude'], { PATH: '/storage/bin-claude:/usr/bin', CCR_SCOPE: 'abc' }],
  ])('the shims of %j stay in the PATH, so that they say so', (clients, expected) => {
    expect(applyMutations(idleMutations({ ...facts, clients }), { PATH: '/usr/bin' })).toEqual(expected);
  });
});

describe('VS Code’s proxy settings', () => {
  it('become variables', () => {
    expect(proxyVariables({ proxy: 'http://proxy:8080', noProxy: ['a', 'b'], support: 'override' })).toEqual({
      http_proxy: 'http://proxy:8080',
      https_proxy: 'http://proxy:8080',
      no_proxy: 'a,b',
    });
  });

  it('set nothing when they are empty or turned off', () => {
    expect(proxyVariables({ proxy: '', noProxy: [], support: 'override' })).toEqual({});
    expect(proxyVariables({ proxy: 'http://proxy:8080', noProxy: [], support: 'off' })).toEqual({});
  });
});
