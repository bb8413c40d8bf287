import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunFile } from '../../../src/control/protocol.ts';
import { readRunFile, readRunFiles, removeRunFile, runFolder, writeRunFile } from '../../../src/control/runFiles.ts';

const runFile: RunFile = { pid: 42, port: 3456, host: '127.0.0.1', version: '1.0.0', protocol: 1, token: 'secret' };
let home = '';
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-runfiles-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('run files', () => {
  it('are read as written', () => {
    writeRunFile(home, runFile);
    writeRunFile(home, { ...runFile, port: 3457 });
    expect(readRunFile(home, 3456)).toEqual(runFile);
    expect(readRunFiles(home).map(({ port }) => port)).toEqual([3456, 3457]);
  });

  it('are private to their owner, even if a file or a link was there before', () => {
    const folder = runFolder(home);
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const elsewhere = path.join(home, 'elsewhere');
    symlinkSync(elsewhere, path.join(folder, '3456.json'));
    writeFileSync(path.join(folder, '3457.json'), '', { mode: 0o644 });
    writeRunFile(home, runFile);
    writeRunFile(home, { ...runFile, port: 3457 });
    expect(existsSync(elsewhere)).toBe(false);
    for (const name of ['3456.json', '3457.json']) {
      expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('are removed only by the gateway that wrote them', () => {
    writeRunFile(home, runFile);
    removeRunFile(home, 3456, 'another');
    expect(readRunFile(home, 3456)).toEqual(runFile);
    removeRunFile(home, 3456, 'secret');
    expect(readRunFile(home, 3456)).toBeUndefined();
    removeRunFile(home, 3456, 'secret');
  });

  it('with other content are ignored', () => {
    writeRunFile(home, runFile);
    writeFileSync(path.join(runFolder(home), '1.json'), '{"port":1}');
    writeFileSync(path.join(runFolder(home), 'notes.txt'), readFileSync(path.join(runFolder(home), '3456.json')));
    expect(readRunFiles(home)).toEqual([runFile]);
  });
});
