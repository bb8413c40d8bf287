import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSealKey, sealKeyPath } from '../../../src/control/sealKeyFile.ts';

let home: string;
beforeEach(() => (home = mkdtempSync(path.join(tmpdir(), 'ccr-seal-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Every byte of the n-th draw is n. */
function createDice(first = 1): (size: number) => Uint8Array {
  let draws = first;
  return (size) => new Uint8Array(size).fill(draws++);
}

const load = (dice = createDice()) => loadSealKey(home, dice);
const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value);

describe('the key file', () => {
  it('is created once, private to its owner, and read afterwards', () => {
    expect(load()).toEqual({ key: bytes(1) });
    expect(statSync(sealKeyPath(home)).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(sealKeyPath(home))).mode & 0o777).toBe(0o700);
    expect(readdirSync(path.dirname(sealKeyPath(home)))).toEqual(['seal.key']);
    const again = load(createDice(100));
    expect(Buffer.from(again.key).equals(bytes(1))).toBe(true);
    expect(again.problem).toBeUndefined();
  });

  it('is that of the first of two gateways that start at once', () => {
    const dice = createDice(50);
    let other: Uint8Array | undefined;
    const { key, problem } = loadSealKey(home, (size) => {
      // The other gateway starts after this one has found no file.
      other ??= loadSealKey(home, createDice()).key;
      return dice(size);
    });
    expect(Buffer.from(key).equals(other ?? bytes(0))).toBe(true);
    expect(problem).toBeUndefined();
    expect(readdirSync(path.dirname(sealKeyPath(home)))).toEqual(['seal.key']);
  });

  it.each(['', 'not a key\n', `${'A'.repeat(42)}\n`, `${'A'.repeat(44)}\n`])(
    'with other content (%j) is not replaced',
    (text) => {
      mkdirSync(path.dirname(sealKeyPath(home)), { recursive: true });
      writeFileSync(sealKeyPath(home), text);
      const { key, problem } = load();
      expect(key).toEqual(bytes(1));
      expect(problem).toMatch(/seal\.key does not hold a key.*restarts.*Delete it/);
      expect(readFileSync(sealKeyPath(home), 'utf8')).toBe(text);
    },
  );

  it('that can not be read or created is replaced by a temporary key', () => {
    mkdirSync(sealKeyPath(home), { recursive: true });
    expect(load()).toEqual({
      key: bytes(1),
      problem: expect.stringMatching(/seal\.key can't be used: .*EISDIR/) as unknown,
    });
    expect(existsSync(sealKeyPath(home))).toBe(true);
    rmSync(path.join(home, '.claude-code-router'), { recursive: true });
    writeFileSync(path.join(home, '.claude-code-router'), '');
    expect(load().problem).toMatch(/seal\.key can't be used/);
  });

  it('is never part of a message', () => {
    const { key } = load();
    writeFileSync(sealKeyPath(home), `${readFileSync(sealKeyPath(home), 'utf8')}x`);
    expect(load().problem).not.toContain(Buffer.from(key).toString('base64url'));
  });
});

describe('CCR_SEAL_KEY', () => {
  const given = (text: string) => loadSealKey(home, createDice(), text);
  const written = (value: number) => Buffer.from(bytes(value)).toString('base64');

  it('is used instead of a file: the first key seals, and all open', () => {
    const hex = Buffer.from(bytes(9)).toString('hex');
    const {
      key,
      olderKeys = [],
      problem,
    } = given(`${written(7)}, ${Buffer.from(bytes(8)).toString('base64url')}\n${hex}`);
    expect([key, ...olderKeys].map((each) => [...each][0])).toEqual([7, 8, 9]);
    expect(problem).toBeUndefined();
    expect(existsSync(sealKeyPath(home))).toBe(false);
  });

  it.each(['short', `${written(7)},short`, ','])('%s is not used, and the problem does not quote it', (text) => {
    const { key, problem } = given(text);
    expect([...key][0]).toBe(1);
    expect(problem).toContain('CCR_SEAL_KEY');
    expect(problem).not.toContain(written(7));
  });
});
