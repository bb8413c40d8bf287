import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSealer, isSealed, sealKeyBytes } from '../../../src/reasoning/sealer.ts';
import { testSealer } from '../../support/testSealer.ts';

const text = ' 漢字 🙂 "quoted"\n';
const envelope = testSealer.seal('reasoning', text);

describe('a sealer', () => {
  it('opens what it sealed, of any length', () => {
    expect(testSealer.open('reasoning', envelope)).toBe(text);
    expect(testSealer.open('summary', testSealer.seal('summary', ''))).toBe('');
  });

  it('hides the text', () => {
    // Some clients and servers take it for base64.
    expect(envelope).toMatch(/^ccr1:[\w-]+$/);
    const bytes = Buffer.from(envelope.slice(5), 'base64url').toString('latin1');
    expect(bytes).not.toContain('quoted');
  });

  it('seals the same text differently each time', () => {
    const sealer = createSealer(randomBytes(sealKeyBytes), randomBytes);
    const envelopes = [sealer.seal('reasoning', text), sealer.seal('reasoning', text)];
    expect(envelopes[0]).not.toBe(envelopes[1]);
    expect(envelopes.map((each) => sealer.open('reasoning', each))).toEqual([text, text]);
  });

  it('opens what an older key has sealed, and seals with the newer one', () => {
    const [older, newer] = [randomBytes(sealKeyBytes), randomBytes(sealKeyBytes)];
    const before = createSealer(older, randomBytes);
    const after = createSealer(newer, randomBytes, [older]);
    expect(after.open('reasoning', before.seal('reasoning', text))).toBe(text);
    expect(before.open('reasoning', after.seal('reasoning', text))).toBeUndefined();
  });

  it.each([
    ['cut off', envelope.slice(0, -3)],
    ['changed in one bit', envelope.slice(0, 40) + (envelope[40] === 'A' ? 'B' : 'A') + envelope.slice(41)],
    ['nothing but the prefix', 'ccr1:'],
    ['no base64', 'ccr1:?!'],
    ['of another version', envelope.replace('ccr1:', 'ccr2:')],
    ['of another key', createSealer(new Uint8Array(sealKeyBytes), randomBytes).seal('reasoning', text)],
    ['of another kind', testSealer.seal('summary', text)],
  ])('does not open an envelope that is %s', (_what, damaged) => {
    expect(testSealer.open('reasoning', damaged)).toBeUndefined();
  });
});

it('distinguishes envelopes of any version from the opaque text of providers', () => {
  expect([envelope, 'ccr2:abc', 'EqQBCgIYAhIM', 'gAAAAABo', 'ccr', '', null].map(isSealed)).toEqual([
    true, true, false, false, false, false, false,
  ]); // prettier-ignore
});

it('opens what an earlier gateway has sealed: nonce, text and tag have their places for good', () => {
  const sealer = createSealer(new Uint8Array(sealKeyBytes).fill(1), (size) => new Uint8Array(size).fill(2));
  const sealed = sealer.seal('reasoning', 'Grüße');
  expect(sealed).toBe('ccr1:AgICAgICAgICAgICQKQK9YnIpMNNgYgYb17oIr8OAQWp-i0');
  expect(sealer.open('reasoning', sealed)).toBe('Grüße');
});
