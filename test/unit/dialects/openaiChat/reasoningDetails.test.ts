import { describe, expect, it } from 'vitest';
import { createDetailsMerger, detailsText } from '../../../../src/dialects/openaiChat/reasoningDetails.ts';

function merge(texts: string[]): { shown: string; whole: unknown } {
  const merger = createDetailsMerger();
  const shown = texts.map((text) => merger.add([{ type: 'reasoning.text', id: 'r', index: 0, text }])).join('');
  return { shown, whole: merger.take()[0]?.['text'] };
}

describe('pieces of text', () => {
  it.each<[string, string[], string]>([
    ['incremental', ['The', ' user', ' wants'], 'The user wants'],
    ['cumulative', ['The', 'The user', 'The user wants'], 'The user wants'],
    ['cumulative, repeated', ['The', 'The user', 'The user', 'The user wants', 'The user wants'], 'The user wants'],
    ['incremental, repeating itself', ['ha', 'ha', 'ha'], 'hahaha'],
    ['incremental newlines', ['\n', '\n', 'Hm'], '\n\nHm'],
    ['one piece', ['The user wants'], 'The user wants'],
    ['empty first', ['', 'The', ' user'], 'The user'],
    ['empty first, cumulative', ['', 'The', 'The user'], 'The user'],
  ])('%s', (_, texts, whole) => {
    expect(merge(texts)).toEqual({ shown: whole, whole });
  });

  it('returns the whole of pieces that only looked cumulative', () => {
    // What was shown lacks the one space: it can't be taken back. The proof is exact.
    expect(merge([' ', ' the', ' end'])).toEqual({ shown: ' the end', whole: '  the end' });
  });

  it('goes on appending once a stream is certainly cumulative', () => {
    const long = 'A thought that is long enough to be no accident';
    expect(merge([long, `${long} at all`, `${long} at all, and`, ' more']).whole).toBe(`${long} at all, and more`);
  });
});

describe('entries', () => {
  it('merges by type and index, and keeps the order of arrival', () => {
    const merger = createDetailsMerger();
    merger.add([{ type: 'reasoning.text', index: 0, text: 'a' }]);
    merger.add([{ type: 'reasoning.summary', index: 0, summary: 's' }, { type: 'reasoning.text', index: 1, text: 'b' }]);
    merger.add([{ type: 'reasoning.text', index: 0, text: null, signature: 'sig' }, { type: 'reasoning.encrypted', index: 2, data: 'd' }]);
    expect(merger.take()).toEqual([
      { type: 'reasoning.text', index: 0, text: 'a', signature: 'sig' },
      { type: 'reasoning.summary', index: 0, summary: 's' },
      { type: 'reasoning.text', index: 1, text: 'b' },
      { type: 'reasoning.encrypted', index: 2, data: 'd' },
    ]);
    expect(merger.take()).toEqual([]);
  });

  it('keeps encrypted entries of different ids apart, and one that is sent twice once', () => {
    const merger = createDetailsMerger();
    for (const id of ['a', 'b', 'a']) merger.add([{ type: 'reasoning.encrypted', id, index: 0, data: id }]);
    expect(merger.take()).toEqual([
      { type: 'reasoning.encrypted', id: 'a', index: 0, data: 'a' },
      { type: 'reasoning.encrypted', id: 'b', index: 0, data: 'b' },
    ]);
  });

  it('does not change what it was given', () => {
    const given = { type: 'reasoning.text', index: 0, text: 'a' };
    const merger = createDetailsMerger();
    merger.add([given]);
    merger.add([{ type: 'reasoning.text', index: 0, text: 'b' }]);
    expect(given.text).toBe('a');
  });

  it('shows text and summaries, not data', () => {
    expect(detailsText([{ text: 'a' }, { summary: 'b' }, { data: 'c' }, { text: null }])).toBe('ab');
  });
});
