import { describe, expect, it } from 'vitest';
import type { RequestView, TargetView } from '../../../src/control/protocol.ts';
import { createProviderOutages, outageText, type OutageEvent } from '../../../src/vscode/providerOutages.ts';
import { requestOf } from './fakes.ts';

const providers = ['one', 'two'].map((name) => ({ name, enabled: true }));
const target = (name: string, state: TargetView['state'], kind = 'auth'): TargetView => ({
  target: name,
  tier: 't',
  state,
  ...(state === 'ok' ? {} : { lastFailure: { at: 1, kind, message: 'Authentication Fails' } }),
});
const failedOver: Partial<RequestView> = {
  scope: 'window',
  target: 'two,m',
  attempts: [{ target: 'one,m', startedAt: 0, durationMs: 1, error: 'Authentication Fails' }],
};

function setUp() {
  const told: OutageEvent[] = [];
  const outages = createProviderOutages(
    ({ scope }) => scope === 'window',
    (event) => void told.push(event),
  );
  const turn = (state: TargetView['state'], request: Partial<RequestView> = failedOver): void => {
    outages.request(requestOf(request));
    outages.state({ providers, targets: [target('one,m', state), target('two,m', 'ok')] });
  };
  return { told, outages, turn };
}

describe('an outage', () => {
  it('is told once, with what answered, and told again when it is over', () => {
    const { told, turn } = setUp();
    for (let count = 0; count < 8; count++) turn(count < 5 ? 'cooldown' : 'open');
    turn('ok', { ...failedOver, attempts: [], target: 'one,m' });
    expect(told).toEqual([
      { type: 'began', outage: { provider: 'one', kind: 'auth', message: 'Authentication Fails', answered: 'two,m' } },
      { type: 'ended', provider: 'one' },
    ]);
  });

  it('is told also when the state changes before the request ends', () => {
    const { told, outages } = setUp();
    outages.state({ providers, targets: [target('one,m', 'failing')] });
    expect(told).toEqual([]);
    outages.request(requestOf(failedOver));
    expect(told).toHaveLength(1);
  });

  it('after another is another', () => {
    const { told, turn } = setUp();
    for (const state of ['failing', 'ok', 'failing'] as const) turn(state);
    expect(told.map(({ type }) => type)).toEqual(['began', 'ended', 'began']);
  });

  it('is not told for a failure that a retry fixed', () => {
    const { told, turn } = setUp();
    turn('ok');
    expect(told).toEqual([]);
  });

  it('is told by the window whose request failed', () => {
    const { told, turn } = setUp();
    turn('open', { ...failedOver, scope: 'other' });
    turn('open', { ...failedOver, scope: undefined });
    expect(told).toEqual([]);
  });

  it('is over silently when the provider is removed', () => {
    const { told, outages, turn } = setUp();
    turn('open');
    outages.state({ providers: [], targets: [] });
    outages.state({ providers, targets: [target('one,m', 'ok')] });
    expect(told.map(({ type }) => type)).toEqual(['began']);
  });

  it('is not told to be over by a new key alone, before the provider has answered', () => {
    const { told, outages, turn } = setUp();
    turn('open');
    outages.state({ providers, targets: [target('one,m', 'unknown')] });
    expect(told.map(({ type }) => type)).toEqual(['began']);
    turn('ok', { ...failedOver, attempts: [], target: 'one,m' });
    expect(told.map(({ type }) => type)).toEqual(['began', 'ended']);
  });

  it('is told to be over also when its provider was off until the new key was known', () => {
    const { told, outages, turn } = setUp();
    turn('open');
    outages.state({ providers: [{ name: 'one', enabled: false }], targets: [] });
    outages.state({ providers, targets: [target('one,m', 'unknown')] });
    expect(told.map(({ type }) => type)).toEqual(['began']);
    turn('ok', { ...failedOver, attempts: [], target: 'one,m' });
    expect(told.map(({ type }) => type)).toEqual(['began', 'ended']);
  });

  it('is told again if a new key does not help', () => {
    const { told, outages, turn } = setUp();
    turn('open');
    outages.state({ providers, targets: [target('one,m', 'unknown')] });
    turn('failing');
    expect(told.map(({ type }) => type)).toEqual(['began', 'began']);
  });
});

describe('the message of an outage', () => {
  it.each([
    ['auth', 'two,m', 'one refused its API key. two,m answered. It said: “no”'],
    ['connection', undefined, "one can't be reached. Nothing else answered. no"],
    ['upstream', 'two,m', 'one fails. two,m answered. It said: “no”'],
  ])('of kind %s', (kind, answered, text) => {
    expect(outageText({ provider: 'one', kind, message: 'no', answered })).toBe(text);
  });
});
