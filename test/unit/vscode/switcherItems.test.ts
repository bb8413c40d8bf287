import { describe, expect, it } from 'vitest';
import type { GatewayState } from '../../../src/control/protocol.ts';
import { switcherItems, type SwitcherFacts } from '../../../src/vscode/switcherItems.ts';
import { requestOf, stateOf } from './fakes.ts';

const state = stateOf({
  providers: [
    { name: 'fast', enabled: true },
    { name: 'deep', enabled: false, reason: 'KEY is not set.', needsKey: true },
  ],
  routes: [
    { name: 'default', target: 'fast,small' },
    { name: 'think', target: 'deep,large' },
  ],
  presets: [{ name: 'coding', route: 'think' }],
  targets: [
    { target: 'fast,small', tier: 'tier-0', state: 'failing', lastFailure: { at: 0, kind: 'auth', message: 'no' } },
    { target: 'deep,large', tier: 'tier-1', state: 'off' },
  ],
});
const models = [
  { target: 'fast,small', contextWindow: 128_000, prices: { input: 0.5, output: 2 } },
  { target: 'fast,other' },
  { target: 'deep,large', prices: { input: 3, output: 15 } },
];
const rows = (changes: Partial<SwitcherFacts> = {}) =>
  switcherItems({ state, models, last: undefined, chosen: '', ...changes });
const choice = (name: string, changes: Partial<SwitcherFacts> = {}) => {
  const found = rows(changes).find((item) => item.kind === 'choice' && item.name === name);
  return found?.kind === 'choice' ? found : expect.unreachable(`no row ${name}`);
};

describe('the switcher', () => {
  it('offers the config’s own routing, presets, routes, every model by its provider, and the other commands', () => {
    expect(rows().map((item) => (item.kind === 'separator' ? `-- ${item.label}` : item.label))).toEqual([
      "$(check) Config's own routing",
      '-- Presets',
      '$(blank) coding',
      '-- Routes',
      '$(blank) default',
      '$(blank) think',
      '-- fast',
      '$(blank) small',
      '$(blank) other',
      '-- deep: no API key',
      '$(blank) large',
      '-- CCR',
      '$(terminal) Open Codex Terminal',
      '$(dashboard) Open Dashboard',
      '$(gear) Open Config',
      '$(output) Show Log',
      '$(debug-restart) Restart',
      '$(debug-stop) Stop',
      '$(add) Add Provider',
    ]);
  });

  it('shows a model’s health, window and prices', () => {
    expect(choice('fast,small').description).toBe('API key refused  ·  128k window  ·  $0.5 in, $2 out per 1M');
    expect(choice('coding').description).toBe('deep,large  ·  no API key  ·  $3 in, $15 out per 1M');
  });

  it('says a window of a million tokens in millions', () => {
    const withWindow = (contextWindow: number) => [{ target: 'fast,small', contextWindow }];
    expect(choice('fast,small', { models: withWindow(1_048_576) }).description).toContain('  1M window');
    expect(choice('fast,small', { models: withWindow(1_500_000) }).description).toContain('  1.5M window');
  });

  it('has the result of a model’s latest test', () => {
    const results = [
      { name: 'tool-call' as const, outcome: 'passed' as const },
      { name: 'image' as const, outcome: 'failed' as const, detail: 'no' },
    ];
    const test = { target: 'fast,other', testedAt: Date.UTC(2026, 10, 26), results, tokens: { input: 1, output: 1 } };
    expect(choice('fast,other', { tests: [test] }).description).toBe('tested 2026-11-26: fails image');
    const passed = { ...test, results: results.slice(0, 1) };
    expect(choice('fast,other', { tests: [passed] }).description).toBe('tested 2026-11-26: all passed');
  });

  it('says what it costs to move this conversation to another model', () => {
    const last = requestOf({ target: 'fast,small', inputTokens: 50_000 });
    expect(choice('deep,large', { last }).detail).toContain('reads its 50,000 tokens again, $0.15');
    expect(choice('fast,other', { last }).detail).toMatch(/50,000 tokens again$/);
    expect(choice('fast,small', { last }).detail).toBeUndefined();
    expect(choice('deep,large', { last, chosen: 'deep,large' }).detail).toBeUndefined();
  });

  it('offers to make a model the default, unless it is', () => {
    expect(choice('fast,other').buttons).toEqual(['test', 'set-key', 'make-default']);
    expect(choice('fast,small').buttons).toEqual(['test', 'set-key']);
  });

  it('has nothing to choose from but the demo before there is a config', () => {
    const demo: GatewayState = { ...state, source: 'demo' };
    expect(rows({ state: { ...demo, presets: [] } }).filter(({ kind }) => kind === 'choice')).toHaveLength(1);
  });

  it('shows hostile names as text, without icons and control characters', () => {
    const bad = '$(error)\u202e\u001b[31m\n$(sync)';
    const hostile = stateOf({
      providers: [{ name: bad, enabled: true }],
      presets: [{ name: bad, route: `${bad},${bad}` }],
      routes: [{ name: 'default', target: `${bad},${bad}` }],
    });
    for (const item of rows({ state: hostile, models: [{ target: `${bad},${bad}` }] })) {
      const { label } = item;
      const text = item.kind === 'choice' ? label.replace(/^\$\((check|blank)\)/, '') + item.description : label;
      if (item.kind !== 'command') expect(text).not.toContain('$(');
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      expect(text).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
  });
});
