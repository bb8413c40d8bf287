import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';
import { createFakeRedis, type FakeRedis } from '../../../support/fakeRedis.ts';
import { createFakeLink } from '../../../support/fakeRedisLink.ts';

let clock: FakeClock;
let redis: FakeRedis;
beforeEach(() => {
  clock = createFakeClock();
  redis = createFakeRedis(clock.now);
});

/** A gateway that shares one number. */
function createMember() {
  const gone: string[] = [];
  let sum = 0;
  const { link, logged } = createFakeLink(redis, clock);
  const part = {
    reads: () => [['HGETALL', 'p:sum']],
    restore([reply]: readonly unknown[], waiting: readonly unknown[]) {
      sum = Number((reply as string[])[1] ?? 0);
      for (const call of waiting) sum += Number((call as unknown[])[1]);
    },
    apply([, by]: readonly unknown[]) {
      if (by === 'unreadable') throw new Error('not a number');
      sum += Number(by);
    },
    seed: () => [['HINCRBYFLOAT', 'p:sum', 'f', String(sum)]],
    gone: (sender: string) => void gone.push(sender),
  };
  return {
    link,
    logged,
    gone,
    sum: () => sum,
    start: () => link.start(new Map([['part', part]]), 500),
    add(by: number) {
      sum += by;
      link.tell([['part', by]], [['HINCRBYFLOAT', 'p:sum', 'f', String(by)]]);
    },
  };
}

async function createTeam(count: number) {
  const team = Array.from({ length: count }, createMember);
  await Promise.all(team.map((member) => member.start()));
  return team as [ReturnType<typeof createMember>, ReturnType<typeof createMember>];
}

const stored = () => Number(redis.hashes.get('p:sum')?.get('f'));

describe('gateways that are linked', () => {
  it('all have what each did, also one that starts later', async () => {
    const [a, b] = await createTeam(2);
    a.add(1);
    b.add(2);
    await clock.advance(1);
    expect([a.sum(), b.sum(), stored()]).toEqual([3, 3, 3]);
    const late = createMember();
    await late.start();
    expect(late.sum()).toBe(3);
  });

  it('send what comes at once as one batch, and one batch at a time', async () => {
    const [a] = await createTeam(1);
    await clock.advance(1);
    redis.published.splice(0);
    for (let index = 0; index < 100; index++) a.add(1);
    redis.freeze(true);
    await clock.advance(1);
    for (let index = 0; index < 100; index++) a.add(1);
    await clock.advance(1);
    redis.freeze(false);
    await clock.advance(1);
    expect(redis.published).toHaveLength(2);
    expect(stored()).toBe(200);
  });

  it('count once a batch whose answer was lost', async () => {
    const [a, b] = await createTeam(2);
    redis.loseNextAnswer();
    a.add(5);
    await clock.advance(1);
    expect(a.link.problem()).toContain('redis:6379 is away');
    redis.comeBack();
    await clock.advance(1);
    expect([a.sum(), b.sum(), stored()]).toEqual([5, 5, 5]);
  });

  it('go on alone without Redis, and have everything when it is back', async () => {
    const [a, b] = await createTeam(2);
    a.add(1);
    await clock.advance(1);
    redis.goAway();
    a.add(10);
    b.add(100);
    await clock.advance(5000);
    expect([a.sum(), b.sum()]).toEqual([11, 101]);
    redis.comeBack();
    await clock.advance(1);
    expect([a.sum(), b.sum(), stored()]).toEqual([111, 111, 111]);
    expect(a.link.problem()).toBeUndefined();
    expect(a.logged.filter((message) => message.includes('is away'))).toHaveLength(1);
  });

  it('read everything again when a message was lost', async () => {
    const [a, b] = await createTeam(2);
    redis.loseNextMessage();
    a.add(1);
    await clock.advance(1);
    expect(b.sum()).toBe(0);
    a.add(1);
    await clock.advance(1);
    expect([a.sum(), b.sum()]).toEqual([2, 2]);
  });

  it('give a Redis that has lost its data what they know, once', async () => {
    const [a, b] = await createTeam(2);
    a.add(7);
    await clock.advance(1);
    redis.goAway();
    redis.loseData();
    b.add(1);
    redis.comeBack();
    await clock.advance(1);
    expect([a.sum(), b.sum(), stored()]).toEqual([8, 8, 8]);
  });

  it('start without Redis after a moment, and share later', async () => {
    redis.goAway();
    const a = createMember();
    let isStarted = false;
    void a.start().then(() => (isStarted = true));
    await clock.advance(499);
    expect(isStarted).toBe(false);
    await clock.advance(1);
    expect(isStarted).toBe(true);
    a.add(3);
    redis.comeBack();
    await clock.advance(1);
    expect([a.sum(), stored()]).toEqual([3, 3]);
  });

  it('notice a Redis that does not answer, and one that does again', async () => {
    const [a] = await createTeam(1);
    redis.freeze(true);
    await clock.advance(3001);
    expect(a.link.problem()).toContain('no answer');
  });

  it('notice that one of them is gone', async () => {
    const [a, b] = await createTeam(2);
    b.add(1);
    await clock.advance(1);
    await b.link.close();
    await clock.advance(12_000);
    expect(a.gone).toHaveLength(1);
  });

  it('leave out what they cannot read', async () => {
    const [a, b] = await createTeam(2);
    redis.publish('not a message');
    redis.publish('5 {"from":1}');
    a.link.tell([
      ['part', 'unreadable'],
      ['part', 4],
    ]);
    await clock.advance(1);
    expect(b.sum()).toBe(4);
    expect(b.logged.at(-1)).toContain('left out');
  });

  it('send what waits before they end', async () => {
    const [a] = await createTeam(1);
    a.add(2);
    await a.link.close();
    expect(stored()).toBe(2);
  });
});

describe('settling', () => {
  it('waits until what was told has arrived from Redis', async () => {
    const [a] = await createTeam(1);
    a.add(1);
    expect(await a.link.settle(() => true)).toBe(true);
    expect(stored()).toBe(1);
  });

  it('waits 5 ms at most, and not at all while Redis is slow', async () => {
    const [a] = await createTeam(1);
    redis.freeze(true);
    a.add(1);
    let settled: boolean | undefined;
    let isSettled = false;
    void a.link
      .settle(() => true)
      .then((value) => {
        settled = value;
        isSettled = true;
      });
    await clock.advance(4);
    expect(isSettled).toBe(false);
    await clock.advance(1);
    expect(settled).toBeUndefined();
    expect(isSettled).toBe(true);
    a.add(1);
    expect(await a.link.settle(() => true)).toBeUndefined();
    redis.freeze(false);
    await clock.advance(1);
    a.add(1);
    expect(await a.link.settle(() => true)).toBe(true);
  });

  it('does not wait without Redis', async () => {
    const [a] = await createTeam(1);
    redis.goAway();
    a.add(1);
    expect(await a.link.settle(() => true)).toBeUndefined();
    expect(await a.link.ask(['GET', 'x'])).toBeUndefined();
    expect(a.link.isAway()).toBe(true);
  });
});
