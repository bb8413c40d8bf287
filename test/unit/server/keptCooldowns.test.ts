import { expect, it } from 'vitest';
import type { Config } from '../../../src/config/schema.ts';
import { createHealth } from '../../../src/routing/health.ts';
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

/** How a target and a key of it are in `later`, from the notes (after a kill) and from the snapshot (after a stop) of `before`. */
function afterRestart(before: ReturnType<typeof start>, laterOf: () => ReturnType<typeof start>) {
  const killed = laterOf();
  for (const note of before.notes) killed.kept.repeat?.([JSON.parse(JSON.stringify(note))], now);
  const stopped = laterOf();
  stopped.kept.restore(JSON.parse(JSON.stringify(before.kept.snapshot())));
  return [killed, stopped].map(({ health }) => [
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
