import { describe, expect, it } from 'vitest';
import { createBodyBudget, type Hold } from '../../../src/server/bodyBudget.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const mebibyte = 1024 * 1024;

function createBudget() {
  const clock = createFakeClock();
  const budget = createBodyBudget(10 * mebibyte, clock);
  const controller = new AbortController();
  const admitted: number[] = [];
  const holds = new Map<number, Hold>();
  const failures: string[] = [];
  return {
    clock,
    controller,
    admitted,
    failures,
    hold: (mebibytes: number) => holds.get(mebibytes),
    async ask(mebibytes: number): Promise<void> {
      void budget.reserve(mebibytes * mebibyte, controller.signal).then(
        (hold) => {
          admitted.push(mebibytes);
          holds.set(mebibytes, hold);
        },
        ({ message }: Error) => failures.push(message),
      );
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe('createBodyBudget', () => {
  it('admits a body that is larger than the budget when it is the only one', async () => {
    const budget = createBudget();
    await budget.ask(60);
    await budget.ask(1);
    expect(budget.admitted).toEqual([60]);
    budget.hold(60)?.release();
    await settle();
    expect(budget.admitted).toEqual([60, 1]);
  });

  it('admits in order, so that a large body is not overtaken by small ones', async () => {
    const budget = createBudget();
    await budget.ask(6);
    await budget.ask(8);
    await budget.ask(2);
    expect(budget.admitted).toEqual([6]);
    budget.hold(6)?.release();
    await settle();
    expect(budget.admitted).toEqual([6, 8, 2]);
  });

  it('gives up after a while, with the time to wait, and lets the next one in', async () => {
    const budget = createBudget();
    await budget.ask(6);
    await budget.ask(8);
    await budget.ask(3);
    await budget.clock.advance(15_000);
    await settle();
    expect(budget.failures[0]).toContain('10 MiB together');
    expect(budget.admitted).toEqual([6, 3]);
  });

  it('forgets a client that hangs up while it waits', async () => {
    const budget = createBudget();
    await budget.ask(6);
    await budget.ask(8);
    budget.controller.abort(new Error('gone'));
    await settle();
    expect(budget.failures).toEqual(['gone']);
    budget.hold(6)?.release();
    await settle();
    expect(budget.admitted).toEqual([6]);
  });

  it('counts what turns out to be larger than stated', async () => {
    const budget = createBudget();
    await budget.ask(0);
    budget.hold(0)?.resize(20 * mebibyte);
    await budget.ask(1);
    expect(budget.admitted).toEqual([0]);
    budget.hold(0)?.resize(2 * mebibyte);
    await settle();
    expect(budget.admitted).toEqual([0, 1]);
    expect(() => budget.hold(1)?.resize(9 * mebibyte)).toThrow('no memory for more');
  });
});
