import { describe, expect, it } from 'vitest';
import type { GatewayState } from '../../../src/control/protocol.ts';
import { keylessProvider } from '../../../src/vscode/scope.ts';
import { stateOf } from './fakes.ts';

const state = (changes: Partial<GatewayState>): GatewayState =>
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
    ['not one that a key would not mend', { routes: [{ name: 'default', target: 'broken,m' }] }, undefined],
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
    expect(keylessProvider(state(changes), 'window')).toBe(expected);
  });
});
