import { appendFileSync, closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openRollingLog, type RollingLimits } from '../../../src/server/rollingLog.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const dayMs = 24 * 3_600_000;

function openFolder(limits: RollingLimits = { maxBytes: 8000, maxAgeMs: 8 * dayMs }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'ccr-rolling-'));
  folders.push(folder);
  const clock = createFakeClock(Date.now());
  const open = () => openRollingLog(folder, 'things', limits, clock);
  const sizes = () => readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
  return { folder, clock, open, sizes };
}

it('keeps the latest entries, within its size, over restarts and kills', () => {
  const { open, sizes } = openFolder();
  let count = 0;
  for (let life = 0; life < 4; life++) {
    const log = open();
    for (let round = 0; round < 100; round++) {
      log.append({ count: ++count });
      log.flush();
    }
    // As if killed: what is not flushed is lost, and nothing is closed.
    log.append({ count: -1 });
    const known = open().entries as { count: number }[];
    expect(known.at(-1)).toEqual({ count });
    expect(known.map((entry) => entry.count)).toEqual(known.map((_, index) => count - known.length + 1 + index));
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBeLessThan(9100);
  }
  expect((open().entries as unknown[]).length).toBeGreaterThan(150);
  expect((open().entries as unknown[]).length).toBeLessThan(400);
});

it('closes no file but its own when its folder was removed', () => {
  const { folder, open } = openFolder({ maxBytes: 80, maxAgeMs: dayMs });
  const log = open();
  log.append('a long entry of the first file');
  log.flush();
  rmSync(folder, { recursive: true });
  log.append('one that needs the next file');
  expect(() => log.flush()).toThrow('ENOENT');
  // A file that was closed leaves its number to the next one that is opened.
  const other = openSync(import.meta.filename, 'r');
  const another = openSync(path.join(tmpdir(), path.basename(folder)), 'a');
  folders.push(path.join(tmpdir(), path.basename(folder)));
  log.close();
  expect(() => writeSync(another, 'still open')).not.toThrow();
  expect(() => closeSync(other)).not.toThrow();
  closeSync(another);
});

it('goes on after a line that was cut, and leaves out one that is damaged', () => {
  const { folder, open } = openFolder();
  const first = open();
  first.append('one');
  first.flush();
  appendFileSync(path.join(folder, 'things-0.log'), 'damaged\n[1800000000000,"cu');
  const second = open();
  expect(second.entries).toEqual(['one']);
  second.append('two');
  second.flush();
  expect(open().entries).toEqual(['one', 'two']);
});

it('forgets what is old: entries when they are read, files while it runs and when it starts', async () => {
  const { folder, clock, open } = openFolder();
  const log = open();
  log.append('old');
  log.flush();
  await clock.advance(8 * dayMs - 1000);
  log.append('new');
  log.flush();
  await clock.advance(2000);
  expect(open().entries).toEqual(['new']);
  expect(readdirSync(folder)).toHaveLength(1);
  await clock.advance(20 * dayMs);
  expect(open().entries).toEqual([]);
});

it('is private', () => {
  const { folder, open } = openFolder();
  open();
  expect(readdirSync(folder).map((name) => statSync(path.join(folder, name)).mode & 0o777)).toEqual([0o600]);
});
