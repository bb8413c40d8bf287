import { describe, expect, it } from 'vitest';
import { costOf } from '../../../src/observe/prices.ts';
import { createAffinity, type Affinity } from '../../../src/routing/affinity.ts';
import type { RouteCandidate, RouteDecision } from '../../../src/routing/route.ts';

const minute = 60_000;
const prices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
const target = (provider: string) => ({ provider, model: 'm', tier: provider });
const candidate = (provider: string, more: Partial<RouteCandidate> = {}): RouteCandidate => ({
  target: target(provider),
  position: 'latency',
  latencyMs: 1000,
  ...more,
});

function decide(candidates: RouteCandidate[], isFree = true): RouteDecision {
  const targets = candidates.map((each) => each.target);
  return { targets, candidates, matched: target('a'), isFree, reason: 'default', parameters: {} };
}

function known(tokens = 50_000): Affinity {
  const affinity = createAffinity();
  affinity.note('c', target('b'), { inputTokens: tokens, outputTokens: 300 }, 0);
  return affinity;
}

const turn = (inputTokens = 51_000, nowMs = minute, priced = true) => ({
  inputTokens,
  fixedTokens: 2000,
  nowMs,
  pricing: (_: object, usage: Parameters<typeof costOf>[0]) => costOf(usage, priced ? prices : undefined, nowMs),
});
const firstOf = ({ targets }: RouteDecision): string | undefined => targets[0]?.provider;

describe('a conversation', () => {
  it('stays with its target, whose cache has its prompt, if another one is a little faster', () => {
    const decision = known().apply('c', decide([candidate('a', { latencyMs: 800 }), candidate('b')]), turn());
    expect(decision.targets.map(({ provider }) => provider)).toEqual(['b', 'a']);
    expect(decision.candidates[0]?.position).toBe('affinity');
    expect(decision.affinity).toMatchObject({ from: 'b,m', other: 'a,m', outcome: 'stayed', gain: { savedMs: 200 } });
    // 50,000 tokens at $3 per million, in place of $0.30 from the cache.
    expect(decision.affinity?.gain?.onceUsd).toBeCloseTo(0.135, 6);
    expect(decision.affinity?.gain?.onceMs).toBe(2500);
  });

  it('moves if the other target is so much faster that reading the prompt again pays', () => {
    const slow = candidate('b', { latencyMs: 9000 });
    const decision = known().apply('c', decide([candidate('a'), slow]), turn());
    expect(firstOf(decision)).toBe('a');
    expect(decision.affinity).toMatchObject({ outcome: 'moved', gain: { savedMs: 8000 } });
  });

  it('moves at a compaction rather than before it, since there is little to read again', () => {
    const candidates = [candidate('a'), candidate('b', { latencyMs: 1600 })];
    expect(firstOf(known(100_000).apply('c', decide(candidates), turn(101_000)))).toBe('b');
    expect(firstOf(known(100_000).apply('c', decide(candidates), turn(6000)))).toBe('a');
  });

  it('has nothing to lose once the cache is too old', () => {
    const candidates = [candidate('a'), candidate('b', { latencyMs: 1600 })];
    expect(firstOf(known().apply('c', decide(candidates), turn(51_000, 6 * minute)))).toBe('a');
  });

  it('is judged by time alone where a price is unknown', () => {
    const candidates = [candidate('a'), candidate('b', { latencyMs: 1600 })];
    const { affinity } = known().apply('c', decide(candidates), turn(51_000, minute, false));
    expect(affinity).toMatchObject({ outcome: 'moved', gain: { savedMs: 600, onceMs: 2500 } });
    expect(affinity?.gain).not.toHaveProperty('savedUsd');
  });

  it.each([{ cooldownUntilMs: 2 * minute }, { position: 'too-small' as const }, { position: 'quota-last' as const }])(
    'leaves a target that cannot answer: %o',
    (state) => {
      const decision = known().apply('c', decide([candidate('a'), candidate('b', state)]), turn());
      expect(firstOf(decision)).toBe('a');
      expect(decision.affinity).toMatchObject({ from: 'b,m', other: 'a,m', outcome: 'unavailable' });
    },
  );

  it('returns after a cooldown only if that pays: less if its first cache is still there', () => {
    const affinity = createAffinity();
    const candidates = [candidate('a'), candidate('b', { latencyMs: 1600 })];
    const note = (name: string, atMs: number): void =>
      affinity.note('c', target(name), { inputTokens: 50_000, outputTokens: 300 }, atMs);
    note('b', 9 * minute);
    expect(firstOf(affinity.apply('c', decide(candidates), turn(51_000, 10 * minute)))).toBe('b');
    note('a', 8 * minute);
    note('b', 9 * minute);
    expect(firstOf(affinity.apply('c', decide(candidates), turn(51_000, 10 * minute)))).toBe('a');
  });

  it('does not move for a few turns to a target that is slower than a third one, which has failed lately', () => {
    const candidates = (usualMs: number | undefined): RouteCandidate[] => [
      candidate('a'),
      candidate('b', { latencyMs: 1600 }),
      candidate('x', { latencyMs: 5000, usualMs }),
    ];
    const short = (usualMs?: number): RouteDecision =>
      known(10_000).apply('c', decide(candidates(usualMs)), turn(11_000));
    expect(short().affinity).toMatchObject({ outcome: 'moved', gain: { turns: 10 } });
    expect(short(1100).affinity).toMatchObject({ outcome: 'moved', gain: { turns: 10 } });
    expect(short(900).affinity).toMatchObject({ outcome: 'stayed', gain: { turns: 1 } });
  });

  it('is cold where its prompt was not sent lately', () => {
    const affinity = known();
    const isCold = (name: string, atMs: number, conversation = 'c'): boolean =>
      affinity.isCold(conversation, target(name), atMs);
    expect([isCold('b', 5 * minute), isCold('b', 6 * minute), isCold('a', minute)]).toEqual([false, true, true]);
    expect(isCold('a', minute, 'other')).toBe(false);
  });

  it('obeys a target that is named: only the fallbacks are reordered', () => {
    const named = [candidate('a', { position: 'matched' }), candidate('x'), candidate('b')];
    const decision = known().apply('c', decide(named, false), turn());
    expect(decision.targets.map(({ provider }) => provider)).toEqual(['a', 'b', 'x']);
    expect(decision.affinity).toMatchObject({ from: 'b,m', other: 'a,m', outcome: 'route' });
  });

  it('that is new, or forgotten, changes nothing', () => {
    const decision = decide([candidate('a'), candidate('b')]);
    expect(known().apply('other', decision, turn())).toBe(decision);
    const small = createAffinity(1);
    for (const name of ['one', 'two']) small.note(name, target('b'), { inputTokens: 1, outputTokens: 1 }, 0);
    expect([small.has('one'), small.has('two')]).toEqual([false, true]);
  });

  it('is known again from a snapshot, after a restart', () => {
    const restarted = createAffinity();
    restarted.restore(JSON.parse(JSON.stringify(known().snapshot())) as ReturnType<Affinity['snapshot']>);
    const decision = restarted.apply('c', decide([candidate('a', { latencyMs: 800 }), candidate('b')]), turn());
    expect(firstOf(decision)).toBe('b');
  });
});
