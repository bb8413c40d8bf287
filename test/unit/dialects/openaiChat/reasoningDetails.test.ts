import { describe, expect, it } from 'vitest';
import { createDetailsMerger, detailsText } from '../../../../src/dialects/openaiChat/reasoningDetails.ts';
import { chunk, readChunks, toReply, withoutStart } from './replay.ts';

const detail = (fields: object): object => ({ type: 'reasoning.text', index: 0, format: 'f', ...fields });

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

  it('returns the whole text of pieces that only looked cumulative', () => {
    // The displayed text lacks one space, which can't be corrected afterwards. The proof is exact.
    expect(merge([' ', ' the', ' end'])).toEqual({ shown: ' the end', whole: '  the end' });
  });

  it('keeps replacing the text once a stream is certainly cumulative', () => {
    const long = 'A thought that is long enough to be no accident';
    expect(merge([long, `${long} at all`, `${long} at all, and`, ' more']).whole).toBe(`${long} at all, and more`);
  });
});

describe('entries', () => {
  it('merges by type and index, and keeps the order of arrival', () => {
    const merger = createDetailsMerger();
    merger.add([{ type: 'reasoning.text', index: 0, text: 'a' }]);
    merger.add([
      { type: 'reasoning.summary', index: 0, summary: 's' },
      { type: 'reasoning.text', index: 1, text: 'b' },
    ]);
    merger.add([
      { type: 'reasoning.text', index: 0, text: null, signature: 'sig' },
      { type: 'reasoning.encrypted', index: 2, data: 'd' },
    ]);
    expect(merger.take()).toEqual([
      { type: 'reasoning.text', index: 0, text: 'a', signature: 'sig' },
      { type: 'reasoning.summary', index: 0, summary: 's' },
      { type: 'reasoning.text', index: 1, text: 'b' },
      { type: 'reasoning.encrypted', index: 2, data: 'd' },
    ]);
    expect(merger.take()).toEqual([]);
  });

  it('keeps encrypted entries with different ids apart and drops a repeated one', () => {
    const merger = createDetailsMerger();
    for (const id of ['a', 'b', 'a']) merger.add([{ type: 'reasoning.encrypted', id, index: 0, data: id }]);
    expect(merger.take()).toEqual([
      { type: 'reasoning.encrypted', id: 'a', index: 0, data: 'a' },
      { type: 'reasoning.encrypted', id: 'b', index: 0, data: 'b' },
    ]);
  });

  it('does not mutate its input', () => {
    const given = { type: 'reasoning.text', index: 0, text: 'a' };
    const merger = createDetailsMerger();
    merger.add([given]);
    merger.add([{ type: 'reasoning.text', index: 0, text: 'b' }]);
    expect(given.text).toBe('a');
  });

  it('shows text and summaries but not data', () => {
    expect(detailsText([{ text: 'a' }, { summary: 'b' }, { data: 'c' }, { text: null }])).toBe('ab');
  });
});

describe('reasoning details in a stream', () => {
  it('become the proof that ends the reasoning', () => {
    const deltas = readChunks(
      chunk({ reasoning: 'I ', reasoning_details: [detail({ text: 'I ' })] }),
      chunk({ reasoning: 'see.', reasoning_details: [detail({ text: 'see.' })] }),
      chunk({ reasoning: null, reasoning_details: [detail({ signature: 'sig' })] }),
      chunk({ content: 'Hello' }),
      chunk({}, 'stop'),
    );
    expect(withoutStart(deltas)).toEqual([
      { type: 'reasoning-delta', key: 'reasoning', text: 'I ' },
      { type: 'reasoning-delta', key: 'reasoning', text: 'see.' },
      {
        type: 'block-end',
        key: 'reasoning',
        proof: { type: 'details', details: [detail({ text: 'I see.', signature: 'sig' })] },
      },
      { type: 'text-delta', key: 'text', text: 'Hello' },
      { type: 'finish', reason: 'stop', raw: 'stop' },
    ]);
  });

  it('get a block of their own if they are encrypted and have no text', () => {
    const encrypted = { type: 'reasoning.encrypted', data: 'xyz', index: 0 };
    const reply = toReply(readChunks(chunk({ reasoning_details: [encrypted] }), chunk({ content: 'Hello' }, 'stop')));
    expect(reply.blocks).toEqual([
      { type: 'reasoning', text: '', proof: { type: 'details', details: [encrypted] } },
      { type: 'text', text: 'Hello' },
    ]);
  });

  it('are kept at the end if they arrive after the text', () => {
    const late = { type: 'reasoning.encrypted', data: 'xyz', index: 1 };
    const reply = toReply(
      readChunks(
        chunk({ reasoning: 'Hm' }),
        chunk({ content: 'Hel' }),
        chunk({ reasoning_details: [late] }),
        chunk({ content: 'lo' }),
        chunk({}, 'stop'),
        '[DONE]',
      ),
    );
    expect(reply.blocks).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hello' },
      { type: 'reasoning', text: '', proof: { type: 'details', details: [late] } },
    ]);
  });

  it('are kept if they arrive after the finish', () => {
    const late = { type: 'reasoning.encrypted', data: 'xyz', index: 1 };
    const reply = toReply(
      readChunks(chunk({ content: 'Hello' }, 'stop'), chunk({ reasoning_details: [late] }), '[DONE]'),
    );
    expect(reply.blocks.at(-1)).toEqual({ type: 'reasoning', text: '', proof: { type: 'details', details: [late] } });
  });

  it('become separate proofs of separate reasoning blocks', () => {
    const reply = toReply(
      readChunks(
        chunk({ reasoning_details: [detail({ text: 'One' })] }),
        chunk({ content: 'First.' }),
        chunk({ reasoning_details: [detail({ text: 'Two', index: 1 })] }),
        chunk({ content: 'Second.' }, 'stop'),
      ),
    );
    expect(reply.blocks.map((block) => [block.text, block.proof])).toEqual([
      ['One', { type: 'details', details: [detail({ text: 'One' })] }],
      ['First.', undefined],
      ['Two', { type: 'details', details: [detail({ text: 'Two', index: 1 })] }],
      ['Second.', undefined],
    ]);
  });

  it('do not complete reasoning that was cut off', () => {
    expect(
      readChunks(chunk({ reasoning_details: [detail({ text: 'One' })] })).some((delta) => delta.type === 'block-end'),
    ).toBe(false);
  });
});
