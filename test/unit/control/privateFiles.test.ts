import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePrivateFolder, writeFileAtomically } from '../../../src/control/privateFiles.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ccr-atomic-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);
const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe('writeFileAtomically', () => {
  it.each([0o600, 0o755])('gives the file mode %o under any umask', (mode) => {
    const before = process.umask(0o077);
    try {
      writeFileAtomically(at('file'), 'text', { mode });
    } finally {
      process.umask(before);
    }
    expect(modeOf(at('file'))).toBe(mode);
  });

  it('replaces an existing file, its permissions included', () => {
    writeFileSync(at('file'), 'old and longer', { mode: 0o644 });
    writeFileAtomically(at('file'), 'new', { mode: 0o600 });
    expect(readFileSync(at('file'), 'utf8')).toBe('new');
    expect(modeOf(at('file'))).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('does not change a file that is open for reading', () => {
    writeFileSync(at('file'), 'old');
    const inode = statSync(at('file')).ino;
    writeFileAtomically(at('file'), 'new', { mode: 0o600 });
    expect(statSync(at('file')).ino).not.toBe(inode);
  });

  it('replaces a link instead of writing to its target', () => {
    symlinkSync(at('elsewhere'), at('file'));
    writeFileAtomically(at('file'), 'new', { mode: 0o600 });
    expect(existsSync(at('elsewhere'))).toBe(false);
  });

  it('keeps an existing file if asked to', () => {
    writeFileAtomically(at('file'), 'first', { mode: 0o600, keepExisting: true });
    expect(() => writeFileAtomically(at('file'), 'second', { mode: 0o600, keepExisting: true })).toThrow('EEXIST');
    expect(readFileSync(at('file'), 'utf8')).toBe('first');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('leaves no draft behind when it fails', () => {
    mkdirSync(at('file'));
    expect(() => writeFileAtomically(at('file'), 'text', { mode: 0o600 })).toThrow();
    expect(readdirSync(folder)).toEqual(['file']);
    expect(() => writeFileAtomically(at('missing/file'), 'text', { mode: 0o600 })).toThrow('ENOENT');
  });
});

it('makePrivateFolder restricts a folder that exists', () => {
  mkdirSync(at('private'), { mode: 0o755 });
  makePrivateFolder(at('private'));
  makePrivateFolder(at('new/nested'));
  expect([modeOf(at('private')), modeOf(at('new/nested'))]).toEqual([0o700, 0o700]);
});
