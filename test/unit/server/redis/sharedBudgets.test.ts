import { beforeEach, describe, expect, it } from 'vitest';
import { budgetSchema } from '../../../../src/config/budgetSchema.ts';
import { createBudgetLedger, type BudgetLedger } from '../../../../src/routing/budgets.ts';
import { shareBudgets } from '../../../../src/server/redis/sharedBudgets.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';
import { createFakeRedis, type FakeRedis } from '../../../support/fakeRedis.ts';
import { createFakeLink } from '../../../support/fakeRedisLink.ts';

const spender = { conversation: 'conversation' };
const budgets = [budgetSchema.parse({ per: 'day', tokens: 100 })];

let clock: FakeClock;
let redis: FakeRedis;
beforeEach(() => {
  clock = createFakeClock();
  redis = createFakeRedis(clock.now);
});

async function createMember() {
  const { link } = createFakeLink(redis, clock);
  const { ledger, part } = shareBudgets(createBudgetLedger(), link, clock.now);
  await link.start(new Map([['budgets', part]]), 500);
  return { ledger, link };
}

const shareOf = (ledger: BudgetLedger): number | undefined =>
  ledger.standings(budgets, undefined, clock.now())[0]?.share;

describe('budgets of several gateways', () => {
  it('let only one of the requests pass that reserve the rest of a budget at the same moment', async () => {
    const [a, b] = [await createMember(), await createMember()];
    const requests = [a, a, b].map(({ ledger }) => {
      const release = ledger.reserve(spender, { usd: 0, tokens: 100 });
      return ledger.standingsBefore?.(release, budgets, spender, clock.now());
    });
    await clock.advance(1);
    const shares = (await Promise.all(requests)).map((standings) => standings?.[0]?.share);
    // Each knows exactly those that Redis heard of before it.
    expect(shares.toSorted()).toEqual([0, 1, 2]);
  });

  it('count what another gateway has reserved until it is released or the gateway is gone', async () => {
    const [a, b] = [await createMember(), await createMember()];
    const release = a.ledger.reserve(spender, { usd: 0, tokens: 40 });
    await clock.advance(1);
    expect(shareOf(b.ledger)).toBe(0.4);
    release();
    release();
    await clock.advance(1);
    expect(shareOf(b.ledger)).toBe(0);
    a.ledger.reserve(spender, { usd: 0, tokens: 40 });
    await clock.advance(1);
    await a.link.close();
    await clock.advance(12_000);
    expect(shareOf(b.ledger)).toBe(0);
  });

  it('count what was spent at all of them, also before one starts', async () => {
    const [a, b] = [await createMember(), await createMember()];
    a.ledger.charge(spender, { usd: 0, tokens: 30 }, clock.now());
    b.ledger.charge(spender, { usd: 0, tokens: 30 }, clock.now());
    await clock.advance(1);
    const late = await createMember();
    for (const { ledger } of [a, b, late]) expect(shareOf(ledger)).toBe(0.6);
  });

  it('do not ask the others without Redis', async () => {
    const a = await createMember();
    redis.goAway();
    const release = a.ledger.reserve(spender, { usd: 0, tokens: 100 });
    const standings = await a.ledger.standingsBefore?.(release, budgets, spender, clock.now());
    expect(standings?.[0]?.share).toBe(0);
  });

  it('are used up by no more than a request of each gateway beyond, although none hears of the others', async () => {
    const members = [await createMember(), await createMember(), await createMember()];
    await clock.advance(1);
    members[0]?.ledger.charge(spender, { usd: 0, tokens: 10 }, clock.now());
    await clock.advance(1);
    redis.goAway();
    const requestTokens = 5;
    let passed = 0;
    for (let count = 0; count < 60; count++) {
      const { ledger } = members[count % 3] as (typeof members)[number];
      const release = ledger.reserve(spender, { usd: 0, tokens: requestTokens });
      const standings = await ledger.standingsBefore?.(release, budgets, spender, clock.now());
      const isRefused = (standings?.[0]?.share ?? 0) >= 1;
      if (!isRefused) passed++;
      if (isRefused || count % 2 === 0) release();
      if (!isRefused && count % 2 === 0) ledger.charge(spender, { usd: 0, tokens: requestTokens }, clock.now());
    }
    expect(10 + passed * requestTokens).toBeGreaterThanOrEqual(100 - 3 * requestTokens);
    expect(10 + passed * requestTokens).toBeLessThanOrEqual(100 + 3 * requestTokens);
  });

  it('are not asked for while less than half would be used, whatever other gateways do at the same moment', async () => {
    const [a, b] = [await createMember(), await createMember()];
    await clock.advance(1);
    redis.freeze(true);
    const ask = async ({ ledger }: typeof a) => {
      const release = ledger.reserve(spender, { usd: 0, tokens: 10 });
      return { standings: ledger.standingsBefore?.(release, budgets, spender, clock.now()) };
    };
    for (const member of [a, b]) expect((await (await ask(member)).standings)?.[0]?.share).toBe(0.2);
    expect((await (await ask(a)).standings)?.[0]?.share).toBe(0.4);
    const { standings } = await ask(a);
    let isAnswered = false;
    void standings?.then(() => (isAnswered = true));
    await clock.advance(4);
    expect(isAnswered).toBe(false);
    await clock.advance(1);
    expect(isAnswered).toBe(true);
    redis.freeze(false);
  });

  it('are spent by one gateway alone as before', async () => {
    const a = await createMember();
    await clock.advance(1);
    redis.goAway();
    for (let count = 0; count < 4; count++) a.ledger.charge(spender, { usd: 0, tokens: 20 }, clock.now());
    const release = a.ledger.reserve(spender, { usd: 0, tokens: 20 });
    const standings = await a.ledger.standingsBefore?.(release, budgets, spender, clock.now());
    expect(standings?.[0]?.share).toBe(0.8);
  });
});
