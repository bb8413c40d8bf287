import { describe, expect, it } from 'vitest';
import { introduceSummary, lostSummary } from '../../../../src/canonical/compaction.ts';
import { openEnvelopes } from '../../../../src/dialects/openaiResponses/openEnvelopes.ts';
import { sealReasoning, type SealedReasoning } from '../../../../src/reasoning/envelopes.ts';
import { testSealer } from '../../../support/testSealer.ts';

const user = { type: 'message', role: 'user', content: 'Hi' };
const summary = [{ type: 'summary_text', text: 'In short.' }];
const content = [{ type: 'reasoning_text', text: 'Kept.' }];
const item = (envelope: string, more: object = {}) => ({
  type: 'reasoning',
  id: 'rs_1',
  summary,
  ...more,
  encrypted_content: envelope,
});
const sealed = (reasoning: SealedReasoning, more?: object) => item(sealReasoning(testSealer, reasoning), more);
const opened = (...items: object[]) => openEnvelopes(items, testSealer);

describe('an input without envelopes', () => {
  it.each(['Hi', null, undefined, [user, item('gAAAAA'), { ...item('x'), encrypted_content: null }, 7]])(
    'returns the same input: %j',
    (input) => expect(openEnvelopes(input, testSealer).input).toBe(input),
  );
});

describe('an envelope of reasoning', () => {
  it('is replaced by its text, or returns a proof of another dialect separately', () => {
    const proof = { type: 'signature' as const, signature: 'Eo8C' };
    const given = [
      user,
      sealed({ type: 'text', text: 'Hm.' }),
      sealed(proof),
      sealed({ type: 'encrypted', data: 'E' }),
    ];
    const { input, proofs, lostSummary: lost } = opened(...given);
    expect(input).toEqual([
      user,
      { ...item(''), encrypted_content: null, content: [{ type: 'reasoning_text', text: 'Hm.' }] },
      { ...item(''), encrypted_content: null },
      { ...item(''), encrypted_content: 'E' },
    ]);
    expect([...proofs]).toEqual([[2, proof]]);
    expect(lost).toBe(false);
  });

  it('adds its text only if the client kept no content', () => {
    const text = { type: 'text', text: 'Hm.' } as const;
    expect(opened(sealed(text, { content })).input).toMatchObject([{ content, encrypted_content: null }]);
    for (const empty of [[], null, [{ type: 'reasoning_text', text: '' }]])
      expect(opened(sealed(text, { content: empty })).input).toMatchObject([{ content: [{ text: 'Hm.' }] }]);
  });

  it.each(['ccr1:AAAA', 'ccr9:AAAA', testSealer.seal('summary', 'Not reasoning')])(
    "that can't be opened (%s) is dropped",
    (envelope) => {
      const { input, proofs } = opened(item(envelope, { content }));
      expect(input).toEqual([{ ...item('', { content }), encrypted_content: null }]);
      expect(proofs.size).toBe(0);
    },
  );
});

describe('an envelope of a compaction', () => {
  const compaction = (envelope: string) => ({ type: 'compaction', encrypted_content: envelope });
  const said = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });

  it('becomes a user message', () => {
    expect(opened(compaction(testSealer.seal('summary', 'All is well.')))).toMatchObject({
      input: [said(introduceSummary('All is well.'))],
      lostSummary: false,
    });
  });

  it("that can't be opened reports a lost summary", () => {
    for (const envelope of ['ccr1:AAAA', sealReasoning(testSealer, { type: 'text', text: 'No summary' })])
      expect(opened(user, compaction(envelope))).toMatchObject({ input: [user, said(lostSummary)], lostSummary: true });
  });
});
