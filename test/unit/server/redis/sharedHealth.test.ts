import { beforeEach, expect, it } from 'vitest';
import { createHealth } from '../../../../src/routing/health.ts';
import { shareHealth } from '../../../../src/server/redis/sharedHealth.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';
import { createFakeRedis, type FakeRedis } from '../../../support/fakeRedis.ts';
import { createFakeLink } from '../../../support/fakeRedisLink.ts';

const target = { provider: 'one', model: 'm', tier: 'one' };

let clock: FakeClock;
let redis: FakeRedis;
beforeEach(() => {
  clock = createFakeClock();
  redis = createFakeRedis(clock.now);
});

/** A gateway that knows what is kept when it starts. */
async function join() {
  const { link } = createFakeLink(redis, clock);
  const { health, part } = shareHealth(createHealth(), link);
  await link.start(new Map([['health', part]]), 500);
  await clock.advance(1);
  return {
    fail: () => health.note(target, { result: 'failed', atMs: clock.now(), kind: 'upstream', message: 'It failed.' }),
    answer(ms: number) {
      health.note(target, { result: 'answered', atMs: clock.now() });
      health.succeeded(target, ms);
    },
    isOpen: () => (health.circuitUntilMs(target) ?? 0) > clock.now(),
    latency: () => health.latencies()[0],
  };
}

/** All of it is on its way before any of it arrives. */
async function atOnce(...actions: (() => void)[]): Promise<void> {
  redis.freeze(true);
  for (const action of actions) action();
  await clock.advance(1);
  redis.freeze(false);
  await clock.advance(1);
}

it('keeps a circuit for later gateways that failures at several gateways at a time open', async () => {
  const [a, b] = [await join(), await join()];
  for (let count = 0; count < 3; count++) await atOnce(a.fail);
  await atOnce(a.fail, b.fail);
  expect([a.isOpen(), b.isOpen(), (await join()).isOpen()]).toEqual([true, true, true]);
});

it('keeps no circuit that an answer at another gateway closes at that time', async () => {
  const [a, b] = [await join(), await join()];
  for (let count = 0; count < 4; count++) await atOnce(a.fail);
  await atOnce(() => b.answer(100), a.fail);
  expect([a.isOpen(), b.isOpen(), (await join()).isOpen()]).toEqual([false, false, false]);
});

it('keeps latencies of answers at several gateways at a time, each once', async () => {
  const team = [await join(), await join(), await join()];
  for (let round = 1; round <= 3; round++) {
    await atOnce(...team.map((member, index) => () => member.answer(100 * (index + 1))));
    const counts = [...team, await join()].map((member) => member.latency()?.sample_count);
    expect(counts).toEqual(counts.map(() => 3 * round));
  }
});

it('writes a state once when nothing crosses it', async () => {
  const [a] = [await join(), await join()];
  redis.published.splice(0);
  await atOnce(() => a.answer(100));
  await atOnce(() => a.answer(100));
  expect(redis.published).toHaveLength(2);
});
