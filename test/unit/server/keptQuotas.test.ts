import { expect, it } from 'vitest';
import { createHealth } from '../../../src/routing/health.ts';
import { keepQuotas } from '../../../src/server/keptQuotas.ts';

const now = 1_000_000;
const target = { provider: 'one', model: 'm', tier: 'one' };
const keys = [
  { id: 'first', of: 2 },
  { id: 'second', of: 2 },
] as const;

function start(nowMs = now) {
  const notes: unknown[] = [];
  const { health, kept } = keepQuotas(createHealth(), { note: (value) => notes.push(value), now: () => nowMs });
  return { health, kept, notes };
}

function close() {
  const before = start();
  before.health.noteQuota(target, keys[0], now + 60_000);
  before.health.noteQuota(target, keys[1], now + 30_000);
  return before;
}

/** Until when the target and its keys are close to a limit in later processes: after a kill, and after a stop. */
function afterRestart(before: ReturnType<typeof start>, laterMs = now) {
  const killed = start(laterMs);
  for (const note of before.notes) killed.kept.repeat?.([JSON.parse(JSON.stringify(note))], now);
  const stopped = start(laterMs);
  stopped.kept.restore(JSON.parse(JSON.stringify(before.kept.snapshot())));
  return [killed, stopped].map(({ health }) => [
    health.standing(target, laterMs).quotaUntilMs ?? 0,
    ...keys.map(({ id }) => health.keyQuotaUntilMs(target, id)),
  ]);
}

it('limits that are nearly used up are known after a restart and after a kill, until they reset', () => {
  const known = [now + 30_000, now + 60_000, now + 30_000];
  expect(afterRestart(close())).toEqual([known, known]);
  const later = [0, now + 60_000, 0];
  expect(afterRestart(close(), now + 40_000)).toEqual([later, later]);
});

it('a limit that has room again has it in the next process, too', () => {
  const before = close();
  before.health.noteQuota(target, keys[0], undefined);
  expect(afterRestart(before).map(([, first]) => first)).toEqual([0, 0]);
});

it('a reloaded config forgets all, for the next process too', () => {
  const before = close();
  before.health.clearCooldowns();
  expect(afterRestart(before)).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

it('what every answer says again is written once', () => {
  const { health, notes } = close();
  for (let count = 0; count < 5; count++) {
    health.noteQuota(target, keys[0], now + 60_000);
    health.noteQuota({ ...target, model: 'other' }, keys[0], undefined);
  }
  expect(notes).toHaveLength(2);
});

it('keeps a bounded number, the latest', () => {
  const { health, kept } = start();
  for (let count = 0; count <= 1000; count++) health.noteQuota({ ...target, model: `m${count}` }, undefined, now + 1);
  const left = kept.snapshot() as { target: { model: string } }[];
  expect(left).toHaveLength(1000);
  expect(left.at(-1)?.target.model).toBe('m1000');
});
