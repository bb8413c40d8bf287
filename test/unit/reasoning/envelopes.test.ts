import { expect, it } from 'vitest';
import { openProof, openReasoning, sealReasoning, type SealedReasoning } from '../../../src/reasoning/envelopes.ts';
import { testSealer } from '../../support/testSealer.ts';

const signature: SealedReasoning = { type: 'signature', signature: 'Eo8C+/=' };
const proofs: SealedReasoning[] = [
  { type: 'details', details: [{ type: 'reasoning.text', text: ' 漢字 🙂 ', index: 0 }] },
  signature,
  { type: 'redacted', data: 'EmwK' },
  { type: 'encrypted', data: 'gAAAA=' },
  { type: 'thought-signature', signature: 'CrIC+/=', call: 0 },
];
const text: SealedReasoning = { type: 'text', text: ' Hm.\n' };

it.each([...proofs, text])('reasoning comes back out: $type', (reasoning) => {
  expect(openReasoning(testSealer, sealReasoning(testSealer, reasoning))).toEqual(reasoning);
});

it('a text is not a proof', () => {
  expect(openProof(testSealer, sealReasoning(testSealer, text))).toBeUndefined();
  expect(openProof(testSealer, sealReasoning(testSealer, signature))).toEqual(signature);
});

it('ignores unknown contents sealed by another version', () => {
  for (const inside of ['no JSON', '{"type":"unheard-of"}', 'null'])
    expect(openReasoning(testSealer, testSealer.seal('reasoning', inside))).toBeUndefined();
});
