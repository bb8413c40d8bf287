import { describe, expect, it } from 'vitest';
import { createUsualUsage } from '../../../src/gateway/usualUsage.ts';

describe('the usual usage of a target', () => {
  it('is the estimate and a guess before its first answer', () => {
    expect(createUsualUsage().expect('a,m', 500, undefined)).toEqual({ inputTokens: 500, outputTokens: 1000 });
  });

  it('is no more than the client wants', () => {
    expect(createUsualUsage().expect('a,m', 500, 20)).toEqual({ inputTokens: 500, outputTokens: 20 });
  });

  it('is learnt from its own answers, from the newest ones most', () => {
    const usual = createUsualUsage();
    usual.learn('a,m', 100, { inputTokens: 150, outputTokens: 100 });
    expect(usual.expect('a,m', 200, undefined)).toEqual({ inputTokens: 300, outputTokens: 100 });
    usual.learn('a,m', 100, { inputTokens: 250, outputTokens: 200 });
    expect(usual.expect('a,m', 200, undefined)).toEqual({ inputTokens: 360, outputTokens: 130 });
    expect(usual.expect('b,m', 200, undefined)).toEqual({ inputTokens: 200, outputTokens: 1000 });
  });
});
