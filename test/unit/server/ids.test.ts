import { expect, it } from 'vitest';
import { createIds } from '../../../src/server/ids.ts';

it('makes ids of 32 random hex digits, each once, and asks for random bytes of many at a time', () => {
  let fills = 0;
  const newId = createIds((bytes) => {
    fills++;
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32BE(fills * bytes.length + at, at);
  });
  const ids = Array.from({ length: 1000 }, () => newId('resp'));
  expect(ids.filter((id) => !/^resp_[0-9a-f]{32}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(1000);
  expect(fills).toBe(4);
  const other = createIds();
  expect(new Set([other('a'), other('a'), createIds()('a')]).size).toBe(3);
});
