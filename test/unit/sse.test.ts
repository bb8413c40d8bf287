import { createParser } from 'eventsource-parser';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrames, writeFrame, type SseFrame } from '../../src/sse.ts';

/** The frames of a text that arrives in these pieces. */
function read(...pieces: string[]): SseFrame[] {
  const frames: SseFrame[] = [];
  const reader = readFrames((frame) => frames.push('data' in frame ? { event: frame.event, data: frame.data } : frame));
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return frames;
}

describe('readFrames', () => {
  it('agrees with a reader that follows the standard, on any text that is not bare JSON', () => {
    const piece = fc.constantFrom(
      'data: a\n\n', 'event: e\ndata: {"x":1}\n\n', 'data:b\n', 'data\n', 'event:\n', 'event: f\n', ': note\n', 'id: 7\n', 'retry: 5\n',
      '\n', '\n\n', '\r\n', '\r', 'data: c\r\n\r\n', 'other: d\n', 'data: 1\ndata: 2\n\n', 'x', ' ', ':',
    ); // prettier-ignore
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (parts, size) => {
        const text = parts.join('');
        const expected: SseFrame[] = [];
        const standard = createParser({
          onEvent: ({ event, data }) => expected.push({ event, data }),
          onComment: (comment) => expected.push({ comment }),
        });
        standard.feed(`${text}\n\n`);
        const cut = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        expect(read(...cut)).toEqual(expected);
      }),
      { seed: 3, numRuns: 3000 },
    );
  });

  it('reads a bare line of JSON as an event, as soon as its line ends', () => {
    const frames: SseFrame[] = [];
    const reader = readFrames((frame) => frames.push(frame));
    reader.push('{"a":1}\n{"b":');
    expect(frames).toEqual([{ data: '{"a":1}' }]);
    reader.push('2}\ndata: {"c":3}\n{"error":"x"}\n');
    expect(frames).toEqual([{ data: '{"a":1}' }, { data: '{"b":2}' }, { data: '{"error":"x"}' }]);
  });

  it('keeps the text of an event that clients can be given as it is, and no other', () => {
    const frames: SseFrame[] = [];
    const reader = readFrames((frame) => frames.push(frame));
    reader.push('event: e\ndata: {"a":1}\n\ndata:{"b":2}\n\n');
    expect(frames.map((frame) => 'data' in frame && frame.raw)).toEqual(['event: e\ndata: {"a":1}\n\n', undefined]);
    expect(frames.map(writeFrame).join('')).toBe('event: e\ndata: {"a":1}\n\ndata: {"b":2}\n\n');
  });

  it('reads a long event in many pieces in linear time, and refuses an endless one', () => {
    const piece = 'x'.repeat(64 * 1024);
    const frames: SseFrame[] = [];
    const reader = readFrames((frame) => frames.push(frame));
    reader.push('data: ');
    for (let count = 0; count < 100; count++) reader.push(piece);
    reader.push('\n\n');
    expect(frames.map((frame) => 'data' in frame && frame.data.length)).toEqual([100 * piece.length]);
    reader.push('data: ');
    expect(() => {
      for (let count = 0; count < 1025; count++) reader.push(piece);
    }).toThrow('too long');
  });
});
