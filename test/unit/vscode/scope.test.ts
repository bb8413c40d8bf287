import { describe, expect, it } from 'vitest';
import type { GatewayState } from '../../../src/control/protocol.ts';
import { choiceOf, createScopeKeeper, keylessProvider, scopeId } from '../../../src/vscode/scope.ts';
import { createFakeGateway, stateOf } from './fakes.ts';

const names = {
  presets: [
    { name: 'coding', route: 'a,b' },
    { name: 'think', route: 'a,c' },
  ],
  routes: [
    { name: 'default', target: 'a,b' },
    { name: 'think', target: 'd,e' },
    { name: 'image', target: 'f,g' },
  ],
};

const empty = (): string => 'empty-1';

describe('a window’s scope', () => {
  it('is stable for its workspace, and safe in a URL', () => {
    expect(scopeId('file:///home/me/project', empty)).toBe(scopeId('file:///home/me/project', empty));
    expect(scopeId('file:///home/me/project', empty)).toMatch(/^[0-9a-f]{12}$/);
    expect(scopeId('file:///home/me/project', empty)).not.toBe(scopeId('file:///home/me/other', empty));
    expect(scopeId(undefined, empty)).toBe('empty-1');
  });
});

describe('a choice’s name', () => {
  it.each([
    ['', null],
    ['coding', { preset: 'coding' }],
    ['think', { preset: 'think' }],
    ['image', { route: 'image' }],
    ['d,e', { route: 'd,e' }],
    ['gone', undefined],
  ])('%j means %j', (name, choice) => {
    expect(choiceOf(name, names)).toEqual(choice);
  });
});

const windowOnly = (asked: readonly string[]): string[] => asked.filter((line) => !line.startsWith('scope shared'));

describe('a scope keeper', () => {
  function setUp() {
    const unknown: string[] = [];
    const setting = { activePreset: 'coding' };
    const keeper = createScopeKeeper({
      scope: 'window',
      chosen: () => setting.activePreset,
      onUnknown: (name) => void unknown.push(name),
    });
    return { keeper, setting, unknown, gateway: createFakeGateway() };
  }

  it('sets the choice on each gateway that the window connects to', async () => {
    const { keeper, gateway } = setUp();
    await keeper.introduce(gateway.client, stateOf(names));
    const next = createFakeGateway();
    await keeper.introduce(next.client, stateOf(names));
    expect(gateway.asked).toEqual(['scope window {"preset":"coding"}', 'scope shared {"preset":"coding"}']);
    expect(next.asked).toEqual(gateway.asked);
  });

  it('resets the choice of an earlier window of this workspace', async () => {
    const { keeper, setting, gateway } = setUp();
    setting.activePreset = '';
    await keeper.introduce(gateway.client, stateOf({ ...names, scopes: { window: { preset: 'coding' } } }));
    expect(gateway.asked).toEqual(['scope window null']);
  });

  it('sends a change once, and does not keep overwriting another window', async () => {
    const { keeper, setting, gateway } = setUp();
    await keeper.introduce(gateway.client, stateOf(names));
    await keeper.refresh(gateway.client, stateOf({ ...names, scopes: { window: { route: 'image' } } }));
    setting.activePreset = 'image';
    await keeper.refresh(gateway.client, stateOf(names));
    await keeper.refresh(gateway.client, stateOf(names));
    expect(windowOnly(gateway.asked)).toEqual(['scope window {"preset":"coding"}', 'scope window {"route":"image"}']);
  });

  it('falls back to the config’s own routing while the config lacks the preset, and reports it once', async () => {
    const { keeper, gateway, unknown } = setUp();
    await keeper.introduce(gateway.client, stateOf());
    await keeper.refresh(gateway.client, stateOf());
    expect(unknown).toEqual(['coding']);
    await keeper.refresh(gateway.client, stateOf(names));
    expect(windowOnly(gateway.asked)).toEqual(['scope window null', 'scope window {"preset":"coding"}']);
  });

  it('shares what the user chose last with clients that no window starts', async () => {
    const { keeper, setting, gateway } = setUp();
    await keeper.introduce(gateway.client, stateOf({ ...names, scopes: { shared: { route: 'image' } } }));
    expect(gateway.asked).toEqual(['scope window {"preset":"coding"}']);
    setting.activePreset = '';
    await keeper.refresh(gateway.client, stateOf(names));
    expect(gateway.asked.slice(1)).toEqual(['scope window null', 'scope shared null']);
  });
});

const keylessState = (changes: Partial<GatewayState>): GatewayState =>
  stateOf({
    providers: [
      { name: 'ready', enabled: true },
      { name: 'keyless', enabled: false, reason: 'KEY is not set.', needsKey: true },
      { name: 'broken', enabled: false, reason: 'It has errors.' },
    ],
    routes: [{ name: 'default', target: 'ready,m' }],
    presets: [
      { name: 'direct', route: 'keyless,m' },
      { name: 'routed', route: 'think' },
    ],
    ...changes,
  });

describe('the provider whose key a window lacks', () => {
  it.each<[string, Partial<GatewayState>, string | undefined]>([
    ['the default route’s', { routes: [{ name: 'default', target: 'keyless,m' }] }, 'keyless'],
    ['not one that has a key', {}, undefined],
    ['not one that has other errors', { routes: [{ name: 'default', target: 'broken,m' }] }, undefined],
    ['not one that answers other windows', { scopes: { other: { preset: 'direct' } } }, undefined],
    ['its preset’s', { scopes: { window: { preset: 'direct' } } }, 'keyless'],
    [
      'its preset’s route’s',
      { scopes: { window: { preset: 'routed' } }, routes: [{ name: 'think', target: 'keyless,m' }] },
      'keyless',
    ],
    ['its route’s', { scopes: { window: { route: 'keyless,large' } } }, 'keyless'],
    ['none without routes', { routes: [] }, undefined],
  ])('is %s', (_, changes, expected) => {
    expect(keylessProvider(keylessState(changes), 'window')).toBe(expected);
  });
});
