import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  truncateSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/observe/log.ts';
import { openKeptFigures, type Kept, type KeptList } from '../../../src/server/keptFigures.ts';
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
  const open = (
    mode: 'file' | 'none' = 'file',
    others: Record<string, Kept> = {},
    lists: Record<string, KeptList> = {},
  ) => openKeptFigures({ mode, homeDirectory, clock, log, others, lists });
  const folder = path.join(homeDirectory, '.claude-code-router/state');
  const isDead = { pid: 2 ** 30, host: hostname(), token: 'dead' };
  /** Leaves the files as a killed process does. */
  const kill = () => writeFileSync(path.join(folder, 'lock'), JSON.stringify(isDead));
  return { clock, warned, open, kill, folder };
}

/** The files of a process that counted `attempts` and was killed then, and its log. */
async function openKilled(attempts = 1) {
  const home = openHome();
  const { figures } = home.open();
  for (let count = 0; count < attempts; count++) figures.attempted(labels, undefined);
  await home.clock.advance(250);
  home.kill();
  return { ...home, file: path.join(home.folder, 'figures-0.log') };
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

  it('are counted when they are read, at the times when they changed, and written in the order of the changes', async () => {
    const { clock, open, folder } = openHome();
    const { figures, note } = open();
    const [first, second] = [clock.now(), clock.now() + 100];
    figures.attempted(labels, undefined);
    note('seats', 'c');
    figures.clear();
    figures.attempted(labels, 'timeout');
    await clock.advance(100);
    expect(figures.groups('tier')).toMatchObject([{ name: 'one', counts: { requests: 1, failures: 1 } }]);
    figures.requested('codex');
    expect(figures.frontends()).toMatchObject([{ frontend: 'codex', requests: 1 }]);
    await clock.advance(150);
    const lines = readFileSync(path.join(folder, 'figures-0.log'), 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as unknown[]).slice(0, 2))).toEqual([
      [first, 'attempted'],
      [first, 'seats'],
      [first, 'clear'],
      [first, 'attempted'],
      [second, 'requested'],
    ]);
    expect(figures.frontends()).toMatchObject([{ frontend: 'codex', requests: 1 }]);
  });

  it('survive a process that ends without closing, with a line that was cut', async () => {
    const { clock, open, kill, folder, warned } = openHome();
    const first = open();
    first.figures.attempted(labels, undefined);
    await clock.advance(250);
    kill();
    appendFileSync(path.join(folder, 'figures-0.log'), '[1800000000000,"attem');
    const second = open();
    expect(requestsOf(second)).toBe(1);
    second.figures.attempted(labels, undefined);
    await clock.advance(250);
    kill();
    const third = open();
    expect(requestsOf(third)).toBe(2);
    expect(third.figures.failures()).toEqual([]);
    expect(warned).toEqual([]);
  });

  it('take what comes after their end', async () => {
    const { clock, open, warned } = openHome();
    const first = open();
    first.figures.attempted(labels, undefined);
    await clock.advance(250);
    first.close();
    first.figures.attempted(labels, undefined);
    await clock.advance(1000);
    expect(requestsOf(first)).toBe(2);
    expect(warned).toEqual([]);
    expect(requestsOf(open())).toBe(1);
  });

  it('lose only a line that is damaged', async () => {
    const { open, file, warned } = await openKilled(3);
    const [line = '', , last = ''] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${line}\n\0\0${line.slice(2)}\n${last}\n`);
    expect(requestsOf(open())).toBe(2);
    expect(warned).toEqual([]);
  });

  it('lose only a line that is another value than an entry', async () => {
    const { open, file, warned } = await openKilled();
    const line = readFileSync(file, 'utf8');
    writeFileSync(file, `${line}17\n{"a":1}\n["now","attempted"]\n${line}`);
    expect(requestsOf(open())).toBe(2);
    expect(warned).toEqual([]);
  });

  it('go on where the last whole line ends, behind invalid bytes', async () => {
    const { clock, open, kill, file, warned } = await openKilled();
    const whole = Buffer.concat([readFileSync(file), Buffer.alloc(30, 0xff), Buffer.from('\n')]);
    writeFileSync(file, Buffer.concat([whole, Buffer.from('[1800000000000,"attem')]));
    const second = open();
    expect(statSync(file).size).toBe(whole.length);
    second.figures.attempted(labels, undefined);
    await clock.advance(250);
    kill();
    expect(requestsOf(open())).toBe(2);
    expect(warned).toEqual([]);
  });

  it('go on after a snapshot that is damaged, and the log says so', async () => {
    const { clock, open, kill, folder, warned } = openHome();
    const first = open();
    first.figures.attempted(labels, undefined);
    first.close();
    const second = open();
    second.figures.attempted(labels, undefined);
    await clock.advance(250);
    kill();
    for (const name of readdirSync(folder)) if (name.endsWith('.json')) truncateSync(path.join(folder, name), 20);
    expect(requestsOf(open())).toBe(1);
    expect(warned.join()).toContain('damaged');
  });

  it('stay small: a long log becomes a snapshot', async () => {
    const { clock, open, kill, folder } = openHome();
    const kept = open();
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < 10_000; n++) kept.figures.attempted(labels, undefined);
      await clock.advance(250);
    }
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
    expect(bytes).toBeLessThan(5 * 1024 * 1024);
    kill();
    expect(requestsOf(open())).toBe(40_000);
  });

  it('have one writer: the next gateway counts in memory, says so, and joins the files when the first one has ended', async () => {
    const { clock, open, warned } = openHome();
    const first = open();
    first.figures.attempted(labels, undefined);
    const second = open();
    second.figures.attempted(labels, 'timeout');
    expect(requestsOf(second)).toBe(1);
    await clock.advance(5_000);
    expect(warned).toEqual([]);
    await clock.advance(10_000);
    expect(warned).toEqual([expect.stringContaining(`Another gateway (pid ${process.pid})`)]);
    first.figures.attempted(labels, undefined);
    first.close();
    await clock.advance(2_000);
    expect(requestsOf(second)).toBe(3);
    second.close();
    const third = open();
    expect(requestsOf(third)).toBe(3);
    expect(third.figures.failures()).toEqual([['one', 'timeout', 1]]);
    expect(warned).toHaveLength(1);
  });

  it('join with the other parts: what was noted is repeated, what was not stays as it is now', async () => {
    const { clock, open } = openHome();
    const parts = (noted: number, seats: string[]) => {
      const state = { noted, seats };
      const others: Record<string, Kept> = {
        noted: {
          snapshot: () => state.noted,
          restore: (value) => void (state.noted = Number(value)),
          repeat: () => void state.noted++,
        },
        seats: { snapshot: () => [...state.seats], restore: (value) => state.seats.push(...(value as string[])) },
      };
      return { state, others };
    };
    const first = open('file', parts(5, ['one']).others);
    const { state, others } = parts(0, []);
    const second = open('file', others);
    state.noted++;
    second.note('noted');
    state.seats = ['two'];
    first.close();
    await clock.advance(1_000);
    expect(state).toEqual({ noted: 6, seats: ['two', 'one', 'two'] });
  });

  it('have the lists beside them: a gateway adds to one what it noted before the folder was its own', async () => {
    const { clock, open } = openHome();
    const listOf = (restored: unknown[]) => ({
      things: {
        maxBytes: 10_000,
        maxAgeMs: 10_000_000,
        restore: (entries: unknown[]) => void restored.push(...entries),
      },
    });
    const first = open('file', {}, listOf([]));
    first.list('things', 'one');
    await clock.advance(250);
    const restored: unknown[] = [];
    const second = open('file', {}, listOf(restored));
    for (let count = 0; count <= 1000; count++) second.list('things', count);
    expect(restored).toEqual([]);
    first.list('things', 'two');
    first.close();
    await clock.advance(1_000);
    expect(restored).toEqual(['one', 'two']);
    second.close();
    const known: unknown[] = [];
    open('file', {}, listOf(known));
    expect([known.slice(0, 3), known.at(-1)]).toEqual([['one', 'two', 1], 1000]);
  });

  it('are written by a gateway that ends before it could join them, if they are free by then', () => {
    const { open } = openHome();
    const first = open();
    const second = open();
    second.figures.attempted(labels, undefined);
    first.close();
    second.close();
    expect(requestsOf(open())).toBe(1);
  });

  it('are taken from a process that is gone, or whose id another program has by now', async () => {
    const { clock, open, folder } = openHome();
    open().close();
    const holder = { pid: process.pid, host: hostname(), token: 'other' };
    writeFileSync(path.join(folder, 'lock'), JSON.stringify(holder));
    const seconds = clock.now() / 1000;
    utimesSync(path.join(folder, 'lock'), seconds, seconds);
    const second = open();
    second.figures.attempted(labels, undefined);
    await clock.advance(12_000);
    second.close();
    expect(requestsOf(open())).toBe(1);
  });

  it('are left to the gateway that took them while this one stood still', async () => {
    const { clock, open, folder, warned } = openHome();
    const first = open();
    writeFileSync(path.join(folder, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere', token: 'other' }));
    first.figures.attempted(labels, undefined);
    await clock.advance(250);
    expect(warned).toEqual([expect.stringContaining('Another gateway writes to')]);
    first.close();
    expect(readFileSync(path.join(folder, 'lock'), 'utf8')).toContain('elsewhere');
    expect(statSync(path.join(folder, 'figures-0.log')).size).toBe(0);
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
