import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { estimateRequest, estimateTokens } from '../../../src/routing/tokens.ts';

describe('an estimate', () => {
  // Reference: o200k. The bounds are wide, since a sentence is not a corpus; providers.md has the real measurement.
  it.each([
    ['The quick brown fox jumps over the lazy dog.', 10],
    ['export function estimateTokens(text: string): number {', 10],
    ['{"name":"exec_command","arguments":{"cmd":"ls -la"}}', 16],
    ['敏捷的棕色狐狸跳过了懒狗。', 13],
    ['1234567890', 4],
  ])('of %j is near %i', (text, tokens) => {
    expect(Math.abs(estimateTokens(text) - tokens)).toBeLessThanOrEqual(Math.max(2, tokens * 0.25));
  });

  it('ends for every character, alone and repeated', () => {
    let all = '';
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      expect(estimateTokens(character)).toBeLessThanOrEqual(2);
      all += character;
    }
    expect(estimateTokens(all)).toBeGreaterThan(30_000);
    expect(estimateTokens(all)).toBeLessThan(70_000);
  });

  it('of an empty text or a single space is 0', () => {
    expect([estimateTokens(''), estimateTokens(' ')]).toEqual([0, 0]);
  });

  it('counts a surrogate pair once, and a lone surrogate too', () => {
    expect(['🙂', '🙂🙂', '\ud83d', '\ud83da'].map(estimateTokens)).toEqual([2, 4, 2, 3]);
  });

  it('is linear in the text: real tokenizers need seconds for such runs', () => {
    for (const run of ['a', '9', ' ', '\n', '!', '漢', 'aB']) {
      const [small, large] = [estimateTokens(run.repeat(10_000)), estimateTokens(run.repeat(100_000))];
      expect(large).toBeLessThanOrEqual(10 * small + 200);
    }
  });
});

describe('a request', () => {
  const text = (words: string) => ({ type: 'text' as const, text: words });

  it('is counted by component', () => {
    const estimate = estimateRequest({
      messages: [
        { role: 'system', parts: [text('Be brief.')] },
        { role: 'developer', parts: [text('Be kind.')] },
        {
          role: 'user',
          parts: [text('Hello there'), { type: 'image', url: `data:image/png;base64,${'A'.repeat(1e6)}` }],
        },
      ],
      tools: [
        { kind: 'function', name: 'f', description: 'Does things.', parameters: { type: 'object', properties: {} } },
      ],
    });
    expect(estimate.system).toBeGreaterThan(10);
    expect(estimate.system).toBeLessThan(20);
    // The cost of an image does not depend on its bytes.
    expect(estimate.messages).toBeGreaterThan(1500);
    expect(estimate.messages).toBeLessThan(1700);
    expect(estimate.tools).toBeGreaterThan(10);
    expect(estimate.total).toBe(estimate.system + estimate.messages + estimate.tools);
  });

  it('counts calls, their results and reasoning', () => {
    const parts = [
      { type: 'reasoning' as const, text: 'word '.repeat(100) },
      { type: 'tool-call' as const, id: 'a', kind: 'function' as const, name: 'f', input: '{"a":1}' },
      {
        type: 'tool-result' as const,
        callId: 'a',
        kind: 'function' as const,
        isError: false,
        parts: [text('word '.repeat(100))],
      },
      { type: 'native' as const, dialect: 'anthropic-messages' as const, json: { type: 'x' } },
    ];
    const { total } = estimateRequest({ messages: [{ role: 'assistant', parts }], tools: [] });
    expect(total).toBeGreaterThan(200);
    expect(total).toBeLessThan(260);
  });
});

it('is linear on a real body', () => {
  const { requests } = JSON.parse(readFileSync('test/fixtures/claude/claude-2.1.330-parallel-tools.json', 'utf8')) as {
    requests: { body: object }[];
  };
  const once = JSON.stringify(requests[0]?.body);
  const tokens = estimateTokens(once);
  expect(Math.abs(estimateTokens(once.repeat(8)) - 8 * tokens)).toBeLessThan(tokens * 0.01);
});
