import { expect, it } from 'vitest';
import { createHealth } from '../../../../src/routing/health.ts';
import type { Command } from '../../../../src/server/redis/outbox.ts';
import type { Share } from '../../../../src/server/redis/share.ts';
import { shareHealth } from '../../../../src/server/redis/sharedHealth.ts';

const target = { provider: 'one', model: 'm', tier: 'one' };
const now = 1_000_000;

/** One of several gateways, and what it has written of circuits. */
function createMember() {
  const written: Command[] = [];
  const share = {
    prefix: 'ccr',
    toShared: (ms: number) => ms,
    fromShared: (ms: number) => ms,
    tell: (_: unknown, writes: readonly Command[] = []) => void written.push(...writes),
  } as unknown as Share;
  const { health, part } = shareHealth(createHealth(), share);
  const outcome = (result: 'failed' | 'answered') =>
    result === 'failed'
      ? { result, atMs: now, kind: 'upstream' as const, message: 'It failed.' }
      : { result, atMs: now };
  return {
    health,
    written,
    note: (result: 'failed' | 'answered') => health.note(target, outcome(result)),
    hear: (result: 'failed' | 'answered') => part.apply(['health', 'note', target, outcome(result)], 'another'),
    /** What a gateway that starts now finds. */
    kept: () =>
      written.findLast(([name, key]) => ['SET', 'DEL'].includes(name ?? '') && /until:circuit/.test(key ?? ''))?.[0],
  };
}

it('keeps a circuit for later gateways that opens or closes by what another gateway tells', () => {
  const member = createMember();
  for (let count = 0; count < 4; count++) member.note('failed');
  expect(member.kept()).toBe('DEL');
  // The other one has not heard of the fourth failure when its own, the fifth, is written.
  member.hear('failed');
  expect(member.health.circuitUntilMs(target)).toBeGreaterThan(now);
  expect(member.kept()).toBe('SET');
  member.hear('answered');
  expect(member.kept()).toBe('DEL');
});

it('writes nothing when what another gateway tells changes no circuit', () => {
  const member = createMember();
  member.hear('failed');
  member.hear('answered');
  expect(member.written).toEqual([]);
});
