import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { problemOf, readSecretFile } from '../../../src/config/secretFile.ts';
import { readRunFile, runFolder } from '../../../src/control/runFiles.ts';
import { loadSealKey, sealKeyPath } from '../../../src/control/sealKeyFile.ts';

let home: string;
beforeEach(() => (home = mkdtempSync(path.join(tmpdir(), 'ccr-secret-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const limit = { maxBytes: 1000 };

function write(name: string, text: string, mode = 0o600): string {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

function pipe(name: string): string {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', file]);
  return file;
}

const stats = (mode: number, more: object = {}) => ({
  mode,
  uid: 1000,
  gid: 1000,
  size: 1,
  isFile: () => true,
  ...more,
});

describe.skipIf(process.platform === 'win32')('a file with secrets', () => {
  it('is read if it is a regular file of the user', () => {
    expect(readSecretFile(write('a', 'text'), limit)).toEqual({ bytes: Buffer.from('text'), exposed: false });
  });

  it('is refused at once if it is a pipe, a device or too large', () => {
    expect(() => readSecretFile(pipe('pipe'), limit)).toThrow('it is not a regular file');
    expect(() => readSecretFile('/dev/zero', limit)).toThrow('it is not a regular file');
    expect(() => readSecretFile(write('a', 'x'.repeat(1001)), limit)).toThrow('larger than');
  });

  it.each([0o666, 0o602, 0o646, 0o622])('is refused with mode %o, and the message says what to run', (mode) => {
    if (mode === 0o622) return expect(problemOf('f', stats(mode, { gid: 5 }), 9, 1000)).toContain('chmod 600');
    const file = write('a', 'text', mode);
    expect(() => readSecretFile(file, limit)).toThrow(`other users can change it; run: chmod 600 "${file}"`);
    return undefined;
  });

  it('may be written by the group that only its user is in', () => {
    expect(problemOf('f', stats(0o664), 9, 1000)).toBeUndefined();
  });

  it('is refused if it belongs to another user, but not to root', () => {
    expect(problemOf('f', stats(0o600, { uid: 1001 }), 9, 1000)).toContain('another user');
    expect(problemOf('f', stats(0o600, { uid: 0, gid: 0 }), 9, 1000)).toBeUndefined();
    expect(problemOf('f', stats(0o600), 9, 0)).toBeUndefined();
  });

  it('is refused if it is a link where only CCR writes', () => {
    const link = path.join(home, 'link');
    symlinkSync(write('a', 'text'), link);
    expect(readSecretFile(link, limit).bytes.toString()).toBe('text');
    expect(() => readSecretFile(link, { ...limit, noLinks: true })).toThrow('ELOOP');
  });

  it('counts as exposed only if others can reach it', () => {
    const file = write('open/a', 'text', 0o644);
    expect(readSecretFile(file, limit).exposed).toBe(false);
    chmodSync(home, 0o755);
    expect(readSecretFile(file, limit).exposed).toBe(true);
    chmodSync(path.dirname(file), 0o700);
    expect(readSecretFile(file, limit).exposed).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('the files of CCR', () => {
  const config = (key: string): string =>
    JSON.stringify({
      Providers: [{ name: 'a', api_base_url: 'http://a.test/v1', api_key: key, models: ['m'] }],
      Router: { default: 'a,m' },
    });
  const load = (workspaceFolder?: string) => loadConfig({ environment: {}, homeDirectory: home, workspaceFolder });
  const messages = (workspaceFolder?: string): string =>
    load(workspaceFolder)
      .problems.map(({ message }) => message)
      .join('\n');

  it('seal.key: another key is used if others can change the file', () => {
    const bytes = (size: number) => new Uint8Array(size).fill(7);
    const { key } = loadSealKey(home, () => new Uint8Array(32).fill(1));
    chmodSync(sealKeyPath(home), 0o666);
    const found = loadSealKey(home, bytes);
    expect(Buffer.from(found.key).equals(Buffer.from(key))).toBe(false);
    expect(found.problem).toMatch(/chmod 600 ".*seal\.key"/);
  });

  it('seal.key: a pipe does not hang the start', () => {
    pipe('.claude-code-router/run/seal.key');
    expect(loadSealKey(home, (size) => new Uint8Array(size)).problem).toContain('not a regular file');
  });

  it('config.json: others may not change it, and a pipe does not hang the start', () => {
    const file = write('.claude-code-router/config.json', config('key-of-provider'), 0o666);
    expect([load().usable, messages()]).toEqual([false, expect.stringContaining('chmod 600')]);
    rmSync(file);
    pipe('.claude-code-router/config.json');
    expect([load().usable, messages()]).toEqual([false, expect.stringContaining('not a regular file')]);
  });

  it('config.json: a warning says that others can read a key in it, but not a variable', () => {
    chmodSync(home, 0o755);
    write('.claude-code-router/config.json', config('key-of-provider'), 0o644);
    expect(messages()).toContain('chmod 600');
    write('.claude-code-router/config.json', config('${SOME_KEY}'), 0o644);
    expect(messages()).not.toContain('chmod');
  });

  it('.env: others may not change it, and a pipe does not hang the start', () => {
    write('.claude-code-router/config.json', config('${SOME_KEY}'));
    const file = write('work/.env', 'SOME_KEY=key-of-provider', 0o666);
    expect(messages(path.dirname(file))).toMatch(/chmod 600[^]*SOME_KEY\} is not set/);
    rmSync(file);
    pipe('work/.env');
    expect(messages(path.dirname(file))).toContain('not a regular file');
    rmSync(file);
    chmodSync(home, 0o755);
    write('work/.env', 'SOME_KEY=key-of-provider', 0o644);
    expect(messages(path.dirname(file))).toContain('Other users of this machine can read');
  });

  it('run file: one that others can change, or a link, is ignored', () => {
    const text = JSON.stringify({ pid: 1, port: 1, host: 'h', version: '1', protocol: 1, token: 't' });
    const name = path.relative(home, path.join(runFolder(home), '1.json'));
    const file = write(name, text);
    expect(readRunFile(home, 1)).toMatchObject({ token: 't' });
    chmodSync(file, 0o666);
    expect(readRunFile(home, 1)).toBeUndefined();
    rmSync(file);
    symlinkSync(write('elsewhere', text), file);
    expect(readRunFile(home, 1)).toBeUndefined();
    rmSync(file);
    pipe(name);
    expect(readRunFile(home, 1)).toBeUndefined();
  });
});
