import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { ChatRequest, Part, Proof } from '../../../src/canonical/request.ts';
import { createProofOrigins, dropProofs } from '../../../src/reasoning/proofOrigins.ts';

const encrypted: Proof = { type: 'encrypted', data: 'gAAAA' };
const signature: Proof = { type: 'signature', signature: 'Eo8C' };
const one = { host: 'one.test', model: 'a' };
const other = { host: 'one.test', model: 'b' };
const elsewhere = { host: 'two.test', model: 'a' };

describe('the origins of proofs', () => {
  it('differ by host, and those of signatures also by model', () => {
    const origins = createProofOrigins({ maxProofs: 10 });
    origins.note(one, [encrypted, signature]);
    const foreignTo = (proof: Proof) => [one, other, elsewhere].map((maker) => origins.isForeign(maker, proof));
    expect(foreignTo(encrypted)).toEqual([false, false, true]);
    expect(foreignTo(signature)).toEqual([false, true, true]);
    const thought: Proof = { type: 'thought-signature', signature: 'CrIC', call: 0 };
    origins.note(one, [thought]);
    expect(foreignTo(thought)).toEqual([false, true, true]);
  });

  it('are not foreign while unknown, except to a provider that refused them', () => {
    const origins = createProofOrigins({ maxProofs: 10 });
    expect(origins.isForeign(one, encrypted)).toBe(false);
    origins.refuse(one, [encrypted]);
    expect([one, elsewhere].map((maker) => origins.isForeign(maker, encrypted))).toEqual([true, false]);
  });

  it('are refused by an account, of which several keys may be one', () => {
    const origins = createProofOrigins({ maxProofs: 10 });
    const [mine, yours] = ['mine', 'yours'].map((account) => ({ ...one, account }));
    if (!mine || !yours) throw new Error('Two accounts.');
    origins.note(mine, [encrypted]);
    expect(origins.isForeign(yours, encrypted)).toBe(false);
    origins.refuse(yours, [encrypted, signature]);
    expect([mine, yours].map((maker) => origins.isForeign(maker, encrypted))).toEqual([false, true]);
    // A signature is the model's, whoever pays.
    expect([mine, yours].map((maker) => origins.isForeign(maker, signature))).toEqual([true, true]);
  });

  it('are evicted in order', () => {
    const origins = createProofOrigins({ maxProofs: 1 });
    origins.note(one, [encrypted]);
    origins.note(one, [signature]);
    expect([encrypted, signature].map((proof) => origins.isForeign(elsewhere, proof))).toEqual([false, true]);
  });
});

describe('dropping proofs', () => {
  const source = { dialect: 'openai-responses' as const, body: {} };
  const request = (...parts: Part[]): ChatRequest =>
    createRequest(
      {
        messages: [{ role: 'assistant', parts }],
        tools: [],
        toolChoice: { type: 'auto' },
        stream: false,
        sampling: {},
      },
      source,
    );

  it('keeps the text of reasoning, and nothing of what was only a proof', () => {
    const before = request(
      { type: 'reasoning', text: 'Hm.', proof: encrypted },
      { type: 'reasoning', text: '', proof: encrypted },
      { type: 'reasoning', text: 'So.', proof: signature },
    );
    const after = dropProofs(before, (proof) => proof.type === 'encrypted');
    expect(after.messages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: 'So.', proof: signature },
    ]);
    expect(after).not.toHaveProperty('source');
    expect(dropProofs(request({ type: 'reasoning', text: '', proof: encrypted }), () => true).messages).toEqual([]);
  });

  it('returns a request without proofs unchanged', () => {
    const before = request({ type: 'reasoning', text: 'Hm.' });
    expect(dropProofs(before, () => true)).toBe(before);
  });
});
