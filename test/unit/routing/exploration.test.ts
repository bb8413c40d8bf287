import { expect, it } from 'vitest';
import { exploring } from '../../../src/routing/exploration.ts';
import type { RouteCandidate } from '../../../src/routing/route.ts';

const now = 1_000_000;
const candidate = (provider: string, cooldownUntilMs?: number): RouteCandidate => ({
  target: { provider, model: 'm', tier: provider },
  position: 'latency',
  cooldownUntilMs,
});
const health = (samples: number, atMs: number) => ({
  samples: () => samples,
  history: () => ({ lastSuccessAtMs: atMs }),
});
const firstOf = (candidates: RouteCandidate[], samples: number, atMs: number, drawn: number): unknown =>
  exploring(candidates, health(samples, atMs), now, () => drawn)[0]?.target.provider;
const pair = [candidate('a'), candidate('b')];

it('tries a target now and then that was measured too seldom, or too long ago', () => {
  expect(firstOf(pair, 2, now, 0.1)).toBe('b');
  expect(firstOf(pair, 9, now - 200_000, 0.1)).toBe('b');
  expect(firstOf(pair, 9, now - 100_000, 0.1)).toBe('a');
  expect(firstOf(pair, 0, now, 0.5)).toBe('a');
});

it('tries a slow one the more seldom the slower it was', () => {
  const measured = (latencyMs: number): RouteCandidate[] => [
    { ...candidate('a'), latencyMs: 1000 },
    { ...candidate('b'), latencyMs },
  ];
  expect(firstOf(measured(2000), 9, now - 700_000, 0.1)).toBe('a');
  expect(firstOf(measured(2000), 9, now - 730_000, 0.1)).toBe('b');
  expect(firstOf(measured(500), 9, now - 200_000, 0.1)).toBe('b');
});

it('does not try one on cooldown, and keeps every target', () => {
  expect(firstOf([candidate('a'), candidate('b', now + 1)], 0, now, 0)).toBe('a');
  const explored = exploring(pair, health(0, now), now, () => 0);
  expect(explored.map(({ target, position }) => `${target.provider} ${position}`)).toEqual([
    'b exploring',
    'a latency',
  ]);
});
