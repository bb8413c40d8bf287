import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { budgetSchema } from '../../../src/config/budgetSchema.ts';
import { createLog } from '../../../src/observe/log.ts';
import { createBudgetLedger } from '../../../src/routing/budgets.ts';
import { openKeptFigures } from '../../../src/server/keptFigures.ts';
import { keptSpending, notedSpending } from '../../../src/server/keptSpending.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const homes: string[] = [];
afterEach(() => homes.splice(0).forEach((home) => rmSync(home, { recursive: true, force: true })));

const perDay = budgetSchema.parse({ per: 'day', tokens: 1000 });
const perConversation = budgetSchema.parse({ per: 'conversation', tokens: 1000, scope: 'window' });
const spender = { conversation: 'c', scope: 'window' };

function openHome() {
  const homeDirectory = mkdtempSync(path.join(tmpdir(), 'ccr-spending-'));
  homes.push(homeDirectory);
  const clock = createFakeClock();
  const log = createLog(
    () => 'warn',
    (_, message) => expect.fail(message),
  );
  const open = (mode: 'file' | 'none' = 'file', folder = homeDirectory) => {
    const ledger = createBudgetLedger();
    const kept = openKeptFigures({
      mode,
      homeDirectory: folder,
      clock,
      log,
      others: { spending: keptSpending(ledger) },
    });
    const spending = notedSpending(ledger, (...values) => kept.note('spending', ...values));
    const shares = () => spending.standings([perDay, perConversation], spender, clock.now()).map(({ share }) => share);
    return { kept, spending, shares, charge: () => spending.charge(spender, { usd: 1, tokens: 100 }, clock.now()) };
  };
  /** What the next process finds if the one that writes is killed now. */
  const openAfterKill = () => {
    const copy = mkdtempSync(path.join(tmpdir(), 'ccr-spending-'));
    homes.push(copy);
    cpSync(homeDirectory, copy, { recursive: true });
    rmSync(path.join(copy, '.claude-code-router/state/lock'));
    return open('file', copy);
  };
  return { clock, open, openAfterKill };
}

it('what was spent is known after a restart', () => {
  const { open } = openHome();
  const first = open();
  first.charge();
  first.kept.close();
  const second = open();
  second.charge();
  expect(second.shares()).toEqual([0.2, 0.2]);
  second.kept.close();
  const inMemory = open('none');
  inMemory.charge();
  expect(inMemory.shares()).toEqual([0.1, 0.1]);
});

it('a process that is killed loses only the last moment, and each charge keeps its time', async () => {
  const { clock, open, openAfterKill } = openHome();
  const first = open();
  first.charge();
  await clock.advance(250);
  first.charge();
  expect(openAfterKill().shares()).toEqual([0.1, 0.1]);
  await clock.advance(24 * 3_600_000);
  expect(openAfterKill().shares()).toEqual([0, 0.2]);
}, 60_000);
