import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/observe/log.ts';
import { openKeptFigures, type Kept } from '../../../src/server/keptFigures.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const homes: string[] = [];
afterEach(() => homes.splice(0).forEach((home) => rmSync(home, { recursive: true, force: true })));

const labels = { tier: 'one', model: 'one,m', class: 'main', client: 'codex', preset: '', conversation: 'c' };

function openHome() {
  const homeDirectory = mkdtempSync(path.join(tmpdir(), 'ccr-kept-'));
  homes.push(homeDirectory);
  const clock = createFakeClock();
  const warned: string[] = [];
  const log = createLog(
    () => 'warn',
    (_, message) => warned.push(message),
  );
  const open = (mode: 'file' | 'none' = 'file', others: Record<string, Kept> = {}) =>
    openKeptFigures({ mode, homeDirectory, clock, log, others });
  return { clock, warned, open, folder: path.join(homeDirectory, '.claude-code-router/state') };
}

const requestsOf = ({ figures }: ReturnType<ReturnType<typeof openHome>['open']>) =>
  figures.groups('tier')[0]?.counts.requests ?? 0;

describe('figures in files', () => {
  it('are the same after a restart, at the times when they were counted', async () => {
    const { clock, open, folder } = openHome();
    const first = open();
    first.figures.attempted(labels, 'timeout');
    first.figures.estimated('one', clock.now(), { system: 1, messages: 2, tools: 3, total: 6 });
    const before = first.figures.snapshot();
    first.close();
    await clock.advance(3_600_000);
    const second = open();
    expect(second.figures.snapshot()).toEqual(before);
    second.figures.attempted(labels, undefined);
    await clock.advance(250);
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777, name).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    second.close();
    expect(requestsOf(open())).toBe(2);
  });

  it('survive a process that ends without closing, with a line that was cut', async () => {
    const { clock, open, folder, warned } = openHome();
    const first = open();
    first.figures.attempted(labels, undefined);
    await clock.advance(250);
    appendFileSync(path.join(folder, 'figures-0.log'), '[1800000000000,"attem');
    const second = open();
    expect(requestsOf(second)).toBe(1);
    second.figures.attempted(labels, undefined);
    await clock.advance(250);
    expect(requestsOf(open())).toBe(2);
    expect(warned).toEqual([]);
  });

  it('stay small: a long log becomes a snapshot', async () => {
    const { clock, open, folder } = openHome();
    const kept = open();
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < 10_000; n++) kept.figures.attempted(labels, undefined);
      await clock.advance(250);
    }
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
    expect(bytes).toBeLessThan(5 * 1024 * 1024);
    expect(requestsOf(open())).toBe(40_000);
  });

  it('have one writer: another gateway counts in memory and says so', async () => {
    const { open, folder, warned } = openHome();
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 60_000)']);
    await once(child, 'spawn');
    open().close();
    appendFileSync(path.join(folder, 'lock'), String(child.pid));
    const second = open();
    second.figures.attempted(labels, undefined);
    expect(requestsOf(second)).toBe(1);
    expect(warned).toEqual([expect.stringContaining(`Another gateway (pid ${child.pid})`)]);
    child.kill();
    await once(child, 'exit');
    expect(requestsOf(open())).toBe(0);
  });

  it('are not written with the mode none', async () => {
    const { clock, open, folder } = openHome();
    open('none').figures.attempted(labels, undefined);
    await clock.advance(250);
    expect(() => readdirSync(folder)).toThrow(/ENOENT/);
  });

  it('keep the state of other parts', () => {
    const { open } = openHome();
    open('file', { seats: { snapshot: () => [1, 2], restore: () => undefined } }).close();
    const restored: unknown[] = [];
    open('file', { seats: { snapshot: () => [], restore: (value) => restored.push(value) } });
    expect(restored).toEqual([[1, 2]]);
  });
});
