import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ShelvedResponse } from '../../../src/gateway/storedResponses.ts';
import { createSealer, sealKeyBytes } from '../../../src/reasoning/sealer.ts';
import { createResponseFiles } from '../../../src/server/responseFiles.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const hourMs = 3_600_000;
const sealerOf = (fill: number) => createSealer(new Uint8Array(sealKeyBytes).fill(fill), randomBytes);

function response(text: string): ShelvedResponse {
  return { messages: [{ role: 'user', parts: [{ type: 'text', text }] }], holder: 'one', reply: { id: 'r', text } };
}

function openFolder() {
  const home = mkdtempSync(path.join(tmpdir(), 'ccr-responses-'));
  folders.push(home);
  const folder = path.join(home, 'responses');
  const clock = createFakeClock(Date.now());
  const warned: string[] = [];
  const open = (key = 1, maxBytes?: number) =>
    createResponseFiles({
      folder,
      sealer: sealerOf(key),
      clock,
      log: { warn: (message) => warned.push(message) },
      ...(maxBytes && { maxBytes }),
    });
  const files = () => readdirSync(folder).map((name) => path.join(folder, name));
  return { folder, clock, warned, open, files };
}

it('a response is known to the next process, and can be read at once by this one', async () => {
  const { folder, open, files } = openFolder();
  const first = open();
  first.put('resp_1', response('planted-prompt'));
  expect(first.get('resp_1')).toEqual(response('planted-prompt'));
  await first.close();
  expect(open().get('resp_1')).toEqual(response('planted-prompt'));
  expect(open().get('resp_2')).toBeUndefined();
  expect(files().map((file) => [statSync(file).mode & 0o777, readFileSync(file, 'utf8').includes('planted')])).toEqual([[0o600, false]]); // prettier-ignore
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(files()[0]).not.toContain('resp_1');
});

it('what is deleted is gone from the disk, also while it is being written', async () => {
  const { open, files } = openFolder();
  const first = open();
  first.put('resp_1', response('one'));
  await first.close();
  const second = open();
  second.put('resp_2', response('two'));
  expect([second.remove('resp_1'), second.remove('resp_2'), second.remove('resp_3')]).toEqual([true, true, false]);
  await second.close();
  expect(files()).toEqual([]);
  expect([second.get('resp_1'), second.get('resp_2')]).toEqual([undefined, undefined]);
});

it('what another key has sealed, or what is damaged, does not exist', async () => {
  const { open, files } = openFolder();
  const first = open();
  first.put('resp_1', response('one'));
  await first.close();
  expect(open(2).get('resp_1')).toBeUndefined();
  appendFileSync(files()[0] ?? '', 'AAAA');
  expect(open().get('resp_1')).toBeUndefined();
});

it('files go after 48 hours, and drafts of killed processes after a minute', async () => {
  const { folder, clock, open, files } = openFolder();
  mkdirSync(folder);
  const age = (name: string, ms: number) => {
    writeFileSync(path.join(folder, name), '');
    utimesSync(path.join(folder, name), new Date(clock.now() - ms), new Date(clock.now() - ms));
  };
  age('old.sealed', 48 * hourMs + 60_000);
  age('young.sealed', 47.5 * hourMs);
  age('a.sealed.draft', 61_000);
  age('b.sealed.draft', 1000);
  const first = open();
  await first.close();
  expect(files().map((file) => path.basename(file))).toEqual(['b.sealed.draft', 'young.sealed']);
  const second = open();
  await clock.advance(hourMs);
  await expect.poll(files).toEqual([]);
  await second.close();
});

it('the oldest go when all are too large', async () => {
  const { open, files } = openFolder();
  const maxBytes = 40_000;
  const first = open(1, maxBytes);
  const text = (count: number) => randomBytes(3000).toString('hex') + count;
  for (let count = 0; count < 20; count++) {
    first.put(`resp_${count}`, response(text(count)));
  }
  await first.close();
  const bytes = files().reduce((sum, file) => sum + statSync(file).size, 0);
  expect(bytes).toBeLessThan(maxBytes * 1.25);
  const next = open(1, maxBytes);
  expect(next.get('resp_19')).toBeDefined();
  expect(next.get('resp_0')).toBeUndefined();
});

it('a folder that cannot be written to is said once, and costs only what a restart would have kept', async () => {
  const { folder, warned, open } = openFolder();
  writeFileSync(folder, 'not a folder');
  const first = open();
  first.put('resp_1', response('one'));
  first.put('resp_2', response('two'));
  await first.close();
  expect(warned).toEqual([expect.stringContaining('Stored responses are not kept over a restart')]);
});
