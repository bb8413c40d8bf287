import { describe, expect, it } from 'vitest';
import { budgetSchema } from '../../../src/config/budgetSchema.ts';
import {
  createBudgetLedger,
  describeBudget,
  spendingSnapshotSchema,
  type Spender,
} from '../../../src/routing/budgets.ts';

const hour = 3_600_000;
const now = new Date(2027, 0, 15, 12, 0).getTime();
const budget = (fields: object) => budgetSchema.parse(fields);
const of = (conversation: string, scope?: string): Spender => ({ conversation, scope });
const perDay = budget({ per: 'day', usd: 10 });
const fiveHours = budget({ per: '5h', tokens: 1000 });
const perConversation = budget({ per: 'conversation', usd: 1, tokens: 1000 });

function sharesOf(ledger: ReturnType<typeof createBudgetLedger>, conversation: string, atMs = now): number[] {
  return ledger.standings([perDay, fiveHours, perConversation], of(conversation), atMs).map(({ share }) => share);
}

describe('a ledger', () => {
  it('counts the calendar day, the last hours, and each conversation, by the amount that is nearer to its end', () => {
    const ledger = createBudgetLedger();
    ledger.charge(of('a'), { usd: 2, tokens: 100 }, now - 13 * hour);
    ledger.charge(of('a'), { usd: 0.5, tokens: 200 }, now - 6 * hour);
    ledger.charge(of('b'), { usd: 0.5, tokens: 300 }, now);
    expect(sharesOf(ledger, 'a')).toEqual([0.1, 0.3, 2.5]);
    expect(sharesOf(ledger, 'b')).toEqual([0.1, 0.3, 0.5]);
    expect(ledger.standings([perConversation], undefined, now)).toEqual([]);
  });

  it('counts the last hours to the minute, though it adds whole hours up', () => {
    const ledger = createBudgetLedger();
    const charged: { atMs: number; tokens: number; scope: string }[] = [];
    for (let step = 0; step < 400; step++) {
      const each = { atMs: now - (400 - step) * 7 * 60_000, tokens: 1 + (step % 13), scope: `w${step % 3}` };
      charged.push(each);
      ledger.charge(of('a', each.scope), { usd: 0, tokens: each.tokens }, each.atMs);
    }
    const restored = createBudgetLedger();
    restored.restore(ledger.snapshot());
    for (const hours of [1, 5, 24, 40]) {
      for (const scope of [undefined, 'w1']) {
        const since = now - hours * hour;
        const minuteOf = (atMs: number): number => atMs - (atMs % 60_000);
        const expected = charged
          .filter((each) => minuteOf(each.atMs) >= since && (scope === undefined || each.scope === scope))
          .reduce((sum, { tokens }) => sum + tokens, 0);
        const period = budget({ per: `${hours}h`, tokens: 1e6, ...(scope && { scope }) });
        const used = [ledger, restored].map((each) => each.standings([period], of('x', scope), now)[0]?.used.tokens);
        expect(used, `${hours} h of ${scope ?? 'all'}`).toEqual([expected, expected]);
      }
    }
  });

  it('says when the day ends, and when enough of the last hours is over', () => {
    const ledger = createBudgetLedger();
    ledger.charge(of('a'), { usd: 0, tokens: 700 }, now - 4 * hour);
    ledger.charge(of('a'), { usd: 0, tokens: 700 }, now - hour);
    const [day, hours] = ledger.standings([perDay, fiveHours], of('a'), now);
    expect(day?.resetsAtMs).toBe(new Date(2027, 0, 16).getTime());
    const freeAt = hours?.resetsAtMs ?? 0;
    expect(freeAt).toBe(now + hour + 60_000);
    expect(ledger.standings([fiveHours], of('a'), freeAt)).toMatchObject([{ share: 0.7, resetsAtMs: undefined }]);
  });

  it('counts what is reserved until it is released, once', () => {
    const ledger = createBudgetLedger();
    const first = ledger.reserve(of('a'), { usd: 1, tokens: 400 });
    ledger.reserve(of('b'), { usd: 1, tokens: 100 });
    expect(sharesOf(ledger, 'a')).toEqual([0.2, 0.5, 1]);
    first();
    first();
    expect(sharesOf(ledger, 'a')).toEqual([0.1, 0.1, 0]);
  });

  it('counts for a budget with scopes only theirs, and for each window its own', () => {
    const ledger = createBudgetLedger();
    ledger.charge(of('a', 'one'), { usd: 0, tokens: 100 }, now);
    ledger.charge(of('b', 'two'), { usd: 0, tokens: 200 }, now);
    ledger.charge(of('c'), { usd: 0, tokens: 400 }, now);
    ledger.reserve(of('d', 'one'), { usd: 0, tokens: 50 });
    const tokens = 1000;
    const budgets = ['one', ['one', 'two'], '*', undefined].map((scope) => budget({ per: 'day', tokens, scope }));
    const used = (spender?: Spender) =>
      ledger.standings(budgets, spender, now).map((each) => [each.place, each.used.tokens]);
    expect(used(of('a', 'one'))).toEqual([
      [1, 150],
      [2, 350],
      [3, 150],
      [4, 750],
    ]);
    expect(used(of('b', 'two'))).toEqual([
      [2, 350],
      [3, 200],
      [4, 750],
    ]);
    expect(used(of('c'))).toEqual([[4, 750]]);
    expect(used()).toEqual([
      [1, 150],
      [2, 350],
      [4, 750],
    ]);
    const conversation = budget({ per: 'conversation', tokens, scope: 'two' });
    expect(ledger.standings([conversation], of('a', 'one'), now)).toEqual([]);
    expect(ledger.standings([conversation], of('b', 'two'), now)).toMatchObject([{ share: 0.2 }]);
  });

  it('keeps its figures in a snapshot, through JSON, but no reservations', () => {
    const ledger = createBudgetLedger();
    ledger.charge(of('a', 'one'), { usd: 1, tokens: 100 }, now - hour);
    ledger.charge(of('a'), { usd: 1, tokens: 100 }, now);
    ledger.reserve(of('a'), { usd: 1, tokens: 100 });
    const kept = createBudgetLedger();
    kept.restore(spendingSnapshotSchema.parse(JSON.parse(JSON.stringify(ledger.snapshot()))));
    expect(sharesOf(kept, 'a')).toEqual([0.2, 0.2, 2]);
    expect(kept.standings([budget({ per: 'day', usd: 10, scope: 'one' })], undefined, now)).toMatchObject([
      { share: 0.1 },
    ]);
  });

  it('forgets what no budget can count any more', () => {
    const ledger = createBudgetLedger();
    ledger.charge(of('a'), { usd: 0, tokens: 10 }, now - 32 * 24 * hour);
    ledger.charge(of('b'), { usd: 0, tokens: 10 }, now);
    expect(ledger.standings([budget({ per: '31d', tokens: 1000 })], of('b'), now)[0]?.used.tokens).toBe(10);
  });
});

describe('the schema of a budget', () => {
  it.each([
    [{ per: 'day', usd: 5 }, '5 USD per day'],
    [{ per: '5h', tokens: 200_000 }, '200000 tokens in 5h'],
    [{ per: 'day', usd: 5, scope: '*' }, '5 USD per day and window'],
    [{ per: '5h', usd: 5, scope: ['a', 'b'] }, '5 USD in 5h for a, b'],
    [{ per: 'conversation', usd: 1, tokens: 9 }, '1 USD or 9 tokens per conversation'],
  ])('reads %j', (fields, text) => expect(describeBudget(budget(fields))).toBe(text));

  it.each([
    { per: 'day' },
    { per: 'month', usd: 1 },
    { per: '32d', usd: 1 },
    { per: '0h', usd: 1 },
    { per: 'day', usd: 0 },
    { per: 'day', usd: 1, scope: [] },
  ])('refuses %j', (fields) => expect(budgetSchema.safeParse(fields).success).toBe(false));
});
