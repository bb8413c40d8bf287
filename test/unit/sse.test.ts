import { createParser } from 'eventsource-parser';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeFrame, type SseFrame } from '../../src/sse/frame.ts';
import { joinPieces } from '../../src/sse/pieces.ts';
import { readFrames } from '../../src/sse/readFrames.ts';
import { eachFrame } from '../support/eachFrame.ts';

/** The frames of a text that arrives in these pieces. */
function read(...pieces: string[]): SseFrame[] {
  const frames: SseFrame[] = [];
  const reader = readFrames(
    eachFrame((frame) => frames.push('data' in frame ? { event: frame.event, data: frame.data } : frame)),
  );
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return frames;
}

describe('readFrames', () => {
  it('agrees with a reader that follows the standard, on any text whose lines are fields', () => {
    const piece = fc.constantFrom(
      'data: a\n\n', 'event: e\ndata: {"x":1}\n\n', 'data:b\n', 'data\n', 'event:\n', 'event: f\n', ': note\n', 'id: 7\n', 'retry: 5\n',
      '\n', '\n\n', '\r\n', '\r', 'data: c\r\n\r\n', 'other: d\n', 'data: 1\ndata: 2\n\n', 'x', ':',
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
    const reader = readFrames(eachFrame((frame) => frames.push(frame)));
    reader.push('{"a":1}\n{"b":');
    expect(frames).toEqual([{ data: '{"a":1}' }]);
    reader.push('2}\ndata: {"c":3}\n{"error":"x"}\n');
    expect(frames).toEqual([{ data: '{"a":1}' }, { data: '{"b":2}' }, { data: '{"error":"x"}' }]);
  });

  it.each([
    ['JSON over several lines', '{\n "error": {\n  "message": "no"\n }\n}', undefined],
    ['a page', '<html>\n<body>502: no</body>\n</html>', undefined],
    ['words', 'upstream connect error: no\nmore words', undefined],
  ])('reads lines that are no fields as an event: %s', (_, text) => {
    const around: SseFrame[] = [{ data: '1' }, { data: text }, { data: '2' }];
    for (const size of [1, 3, 100]) {
      const whole = `data: 1\n\n${text}\n\ndata: 2\n\n`;
      expect(read(...(whole.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []))).toEqual(around);
      expect(read(`data: 1\n\n${text}\ndata: 2\n\n`)).toEqual(around);
    }
    expect(read(text)).toEqual([{ data: text }]);
  });

  it('reads field names in any case, indented, and an error in a field of that name', () => {
    expect(read('Data: 1\n\n  data: 2\n\nEVENT: e\ndata: 3\n\nerror: no\n\n')).toEqual([
      { data: '1' },
      { data: '2' },
      { event: 'e', data: '3' },
      { event: 'error', data: 'no' },
    ]);
  });

  it('keeps the text of an event that clients can be given as it is, and no other', () => {
    const frames: SseFrame[] = [];
    const reader = readFrames(eachFrame((frame) => frames.push(frame)));
    reader.push('event: e\ndata: {"a":1}\n\ndata:{"b":2}\n\n');
    expect(frames.map((frame) => 'data' in frame && frame.raw)).toEqual(['event: e\ndata: {"a":1}\n\n', undefined]);
    expect(joinPieces(frames.flatMap(writeFrame))).toBe('event: e\ndata: {"a":1}\n\ndata: {"b":2}\n\n');
  });

  it('reads a long event in many pieces in linear time, and refuses an endless one', () => {
    const piece = 'x'.repeat(64 * 1024);
    const frames: SseFrame[] = [];
    const reader = readFrames(eachFrame((frame) => frames.push(frame)));
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
