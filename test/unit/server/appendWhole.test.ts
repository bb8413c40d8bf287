import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appendWhole } from '../../../src/server/appendWhole.ts';

let folder: string;
let file: number;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ccr-append-'));
  file = openSync(path.join(folder, 'log'), 'a');
});
afterEach(() => {
  closeSync(file);
  rmSync(folder, { recursive: true });
});

const content = (): string => readFileSync(path.join(folder, 'log'), 'utf8');
const some = (bytes: Uint8Array, from: number): number =>
  writeSync(file, bytes, from, Math.min(3, bytes.length - from));

it('a write that takes a part at a time is continued', () => {
  expect(appendWhole(file, 'Grüße\n', 0, (_, ...part) => some(...part))).toBe(8);
  expect(content()).toBe('Grüße\n');
});

it('a write that fails after a part leaves the file as it was', () => {
  const size = appendWhole(file, 'one\n', 0);
  const fullDisk = (_: number, bytes: Uint8Array, from: number): number => {
    if (from > 0) throw new Error('ENOSPC');
    return some(bytes, from);
  };
  expect(() => appendWhole(file, 'two\n', size, fullDisk)).toThrow('ENOSPC');
  expect(content()).toBe('one\n');
  appendWhole(file, 'three\n', size);
  expect(content()).toBe('one\nthree\n');
});
