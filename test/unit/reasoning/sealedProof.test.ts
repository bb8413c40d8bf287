import { expect, it } from 'vitest';
import type { Proof } from '../../../src/canonical/request.ts';
import { isSealed, sealProof, unsealProof } from '../../../src/reasoning/sealedProof.ts';

it.each([
  { type: 'details', details: [{ type: 'reasoning.text', text: ' 漢字 🙂 ', index: 0 }] },
  { type: 'signature', signature: 'Eo8C+/=' },
  { type: 'redacted', data: 'EmwK' },
  { type: 'encrypted', data: 'gAAAA=' },
] satisfies Proof[])('a $type proof comes back out', (proof) => {
  const sealed = sealProof(proof);
  expect(isSealed(sealed)).toBe(true);
  // Some clients and servers take this for base64.
  expect(sealed).toMatch(/^ccr1:[\w-]+$/);
  expect(unsealProof(sealed)).toEqual(proof);
});

it('a damaged one is none, and nobody else’s text is taken for one', () => {
  expect(unsealProof(sealProof({ type: 'redacted', data: 'x' }).slice(0, -5))).toBeUndefined();
  expect(unsealProof('ccr1:')).toBeUndefined();
  expect([isSealed('EqQBCgIYAhIM'), isSealed(null), isSealed('')]).toEqual([false, false, false]);
});
