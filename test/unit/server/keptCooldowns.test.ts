import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/schema.ts';
import { createHealth, type Health } from '../../../src/routing/health.ts';
import { keepCooldowns } from '../../../src/server/keptCooldowns.ts';

const now = 1_000_000;
const target = { provider: 'one', model: 'm', tier: 'one' };
const other = { ...target, model: 'n' };

/** A process whose provider has this address. `notes` are what a killed process before it left. */
function start(url = 'http://127.0.0.1:1/v1', nowMs = now) {
  const notes: unknown[] = [];
  const config = (): Config => ({ Providers: [{ name: 'one', api_base_url: url, api_key: 'sk-planted' }] }) as Config;
  const local = createHealth();
  const { health, kept } = keepCooldowns(local, { config, note: (value) => notes.push(value), now: () => nowMs });
  return { health, kept, notes };
}

/** The next process, from the notes (after a kill) and from the snapshot (after a stop) of the one before. */
function restarted(before: ReturnType<typeof start>, laterOf: () => ReturnType<typeof start>) {
  const killed = laterOf();
  for (const note of before.notes) killed.kept.repeat?.([JSON.parse(JSON.stringify(note))], now);
  const stopped = laterOf();
  stopped.kept.restore(JSON.parse(JSON.stringify(before.kept.snapshot())));
  return [killed, stopped];
}

/** How a target and a key of it are in the next process. */
function afterRestart(before: ReturnType<typeof start>, laterOf: () => ReturnType<typeof start>) {
  return restarted(before, laterOf).map(({ health }) => [
    health.cooldownUntilMs(target),
    health.keyCooldownUntilMs(other, 'key'),
    health.keyLimitUntilMs(target, 'key'),
  ]);
}

function cooling() {
  const before = start();
  before.health.coolDown(target, now + 60_000);
  before.health.coolDownKey(target, 'key', { scope: 'provider', untilMs: now + 30_000, isLimit: false });
  before.health.coolDownKey(target, 'key', { scope: 'target', untilMs: now + 20_000, isLimit: true });
  return before;
}

it('cooldowns of targets and keys are known after a restart and after a kill', () => {
  const known = [now + 60_000, now + 30_000, now + 20_000];
  expect(afterRestart(cooling(), () => start())).toEqual([known, known]);
});

it('a changed provider begins without cooldowns', () => {
  expect(afterRestart(cooling(), () => start('http://127.0.0.1:2/v1'))).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

it('what ended during the restart stays ended', () => {
  expect(afterRestart(cooling(), () => start(undefined, now + 25_000))).toEqual([
    [now + 60_000, now + 30_000, 0],
    [now + 60_000, now + 30_000, 0],
  ]);
});

it('an answer ends the cooldowns that it proves wrong, for the next process too', () => {
  const before = cooling();
  before.health.succeeded(target, 10, 'key');
  expect(afterRestart(before, () => start())).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

it('a reloaded config ends all, for the next process too', () => {
  const before = cooling();
  before.health.clearCooldowns();
  expect(afterRestart(before, () => start())).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

describe('circuits', () => {
  const fail = (health: Health, atMs = now): void =>
    health.note(target, { result: 'failed', atMs, kind: 'upstream', message: 'Planted prompt' });

  function failing(): ReturnType<typeof start> {
    const before = start();
    for (let count = 0; count < 5; count++) fail(before.health);
    return before;
  }

  /** Until when the circuit is open in the next process, after a kill and after a stop. */
  const circuitAfter = (before: ReturnType<typeof start>, laterOf: () => ReturnType<typeof start>): number[] =>
    restarted(before, laterOf).map(({ health }) => health.circuitUntilMs(target));

  it('that are open are known after a restart and after a kill, and let one request probe', () => {
    for (const { health } of restarted(failing(), () => start())) {
      expect(health.circuitUntilMs(target)).toBe(now + 30_000);
      expect(health.admit(target, now + 29_999)).toBe(false);
      expect(health.admit(target, now + 30_000)).toBe(true);
      expect(health.admit(target, now + 30_000)).toBe(false);
      fail(health, now + 30_001);
      expect(health.circuitUntilMs(target)).toBe(now + 90_001);
    }
  });

  it('that wait for a probe come back for as long as they had waited', () => {
    const after = (ms: number) => circuitAfter(failing(), () => start(undefined, now + ms));
    expect(after(59_999)).toEqual([now + 30_000, now + 30_000]);
    expect(after(60_000)).toEqual([0, 0]);
  });

  it('are closed by an answer, a changed provider and a reloaded config', () => {
    const answered = failing();
    answered.health.note(target, { result: 'answered', atMs: now });
    expect(circuitAfter(answered, () => start())).toEqual([0, 0]);
    expect(circuitAfter(failing(), () => start('http://127.0.0.1:2/v1'))).toEqual([0, 0]);
    const reloaded = failing();
    reloaded.health.clearCooldowns();
    expect(circuitAfter(reloaded, () => start())).toEqual([0, 0]);
  });

  it('are written when they open and close only, and without the error', () => {
    const { health, notes } = start();
    for (let count = 0; count < 4; count++) fail(health);
    expect(notes).toEqual([]);
    for (let count = 0; count < 4; count++) fail(health);
    health.note(target, { result: 'answered', atMs: now });
    health.note(target, { result: 'answered', atMs: now });
    expect(notes).toHaveLength(2);
    expect(JSON.stringify(notes)).not.toContain('Planted');
  });

  it('are kept beside the cooldown of the same target', () => {
    const before = failing();
    before.health.coolDown(target, now + 10_000);
    before.health.succeeded(target, 10);
    expect(circuitAfter(before, () => start())).toEqual([now + 30_000, now + 30_000]);
  });
});

it('no key is written', () => {
  const before = cooling();
  expect(JSON.stringify([before.notes, before.kept.snapshot()])).not.toContain('sk-planted');
});

it('keeps a bounded number, the latest', () => {
  const { health, kept } = start();
  for (let count = 0; count <= 1000; count++) health.coolDown({ ...target, model: `m${count}` }, now + 1);
  const left = kept.snapshot() as { target: { model: string } }[];
  expect(left).toHaveLength(1000);
  expect(left.at(-1)?.target.model).toBe('m1000');
});
