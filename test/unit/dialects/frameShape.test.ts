import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShapeMemory } from '../../../src/dialects/frameShape.ts';
import { createFrameReader } from '../../../src/dialects/readFrame.ts';
import type { ReadFrame, SseFrame } from '../../../src/sse/frame.ts';
import { readFrames } from '../../../src/sse/readFrames.ts';

type Json = Record<string, unknown>;

/** What a memory that has learnt `first` reads in `data`; undefined if it does not know the shape. */
function readAfter(first: Json, data: string): string | undefined {
  const memory = createShapeMemory();
  const said: string[] = [];
  memory.learn({ data: JSON.stringify(first) }, { text: textIn(first), joins: true, again: (text) => said.push(text) });
  const frame: Extract<SseFrame, { data: string }> = { data };
  const isKnown = memory.readAgain(frame);
  expect(said).toHaveLength(isKnown ? 1 : 0);
  expect(typeof frame.reading === 'object').toBe(isKnown);
  return said[0];
}

function textIn({ delta }: Json): string {
  return String(delta);
}

function frameOf(json: Json): string {
  return `event: e\ndata: ${JSON.stringify(json)}\n\n`;
}

/** The texts that a reader says which has learnt `first`, of a stream that comes in pieces of `size`. */
function readInPieces(first: Json, text: string, size: number, joins: boolean): string[] {
  const said: string[] = [];
  const push = createTextReader(joins, said);
  const parser = readFrames(push);
  parser.push(frameOf(first));
  for (let start = 0; start < text.length; start += size) parser.push(text.slice(start, start + size));
  return said.slice(1);
}

/** The same without runs. */
function readSingly(first: Json, text: string): string[] {
  const said: string[] = [];
  const push = createTextReader(true, said);
  for (const part of (frameOf(first) + text).split('\n\n')) if (part !== '') readFrames(push).push(`${part}\n\n`);
  return said.slice(1);
}

function createTextReader(joins: boolean, said: string[]): (frame: ReadFrame) => void {
  const again = (text: string): void => void said.push(text);
  return createFrameReader(
    {},
    {
      event(json) {
        if (typeof json['delta'] !== 'string') return undefined;
        again(json['delta']);
        return { text: json['delta'], joins, again };
      },
      done: () => undefined,
      fail: () => undefined,
      isOver: () => false,
    },
  );
}

const shapes: { name: string; write: (text: string, number: number) => Json }[] = [
  { name: 'a text', write: (delta) => ({ id: 'c', delta, finish: null }) },
  { name: 'a number before it', write: (delta, sequence_number) => ({ sequence_number, delta, logprobs: [] }) },
  {
    name: 'a number and padding after it',
    write: (delta, sequence_number) => ({ delta, obfuscation: 'x'.repeat(sequence_number % 9), sequence_number }),
  },
  {
    name: 'padding before it',
    write: (delta, sequence_number) => ({ obfuscation: 'y'.repeat(sequence_number % 9), delta, sequence_number }),
  },
];

describe.each(shapes)('a frame with $name', ({ write }) => {
  const first = write('learnt from "this"', 7);

  it('is read as JSON.parse reads it, whatever its text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('"', '\\', '\\"', '\n', '\\u'));
    fc.assert(
      fc.property(text, fc.nat(), (said, number) => {
        expect(readAfter(first, JSON.stringify(write(said, number)))).toBe(said);
      }),
    );
  });

  it('is never read if any of its bytes make it another JSON text, or none', () => {
    const whole = JSON.stringify(write('abc', 12));
    const piece = fc.constantFrom('"', '\\', ',', '0', '00', '-', '"x":"y"', '\n', '\t', '}', '","delta":"', '');
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(3), piece, (at, removed, added) => {
        const data = whole.slice(0, at) + added + whole.slice(at + removed);
        const read = readAfter(first, data);
        if (read === undefined) return;
        const parsed = JSON.parse(data) as Json;
        expect(Object.keys(parsed)).toEqual(Object.keys(first));
        expect(textIn(parsed)).toBe(read);
      }),
      { numRuns: 2000 },
    );
  });

  it('is read in a run as each for itself, however the stream is cut', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"', '\\', '\\"', '\n', '\\u', 'a\n', '\u0001'),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), fc.integer({ min: 1, max: 400 }), (said, size) => {
        const whole = said.map((each, index) => frameOf(write(each, index))).join('');
        expect(readInPieces(first, whole, size, true).join('')).toBe(said.join(''));
        expect(readInPieces(first, whole, size, false)).toEqual(said);
      }),
    );
  });

  it('is not read in a run if its bytes make it another JSON text, or none', () => {
    const whole = frameOf(write('abc', 12));
    const piece = fc.constantFrom('"', '\\', '\\u00', ',', '00', '\n', '\t', '}', '","delta":"', '');
    fc.assert(
      fc.property(fc.nat(whole.length - 3), fc.nat(3), piece, (at, removed, added) => {
        const damaged = `${whole.slice(0, at)}${added}${whole.slice(at + removed, -2)}\n\n`;
        const text = frameOf(write('before', 1)) + damaged + frameOf(write('after', 3));
        expect(readInPieces(first, text, text.length, true).join('')).toBe(
          readInPieces(first, text, text.length, false).join(''),
        );
        expect(readInPieces(first, text, text.length, true).join('')).toBe(readSingly(first, text).join(''));
      }),
      { numRuns: 2000 },
    );
  });

  it('is not read if its text is empty', () => {
    expect(readAfter(first, JSON.stringify(write('', 7)))).toBeUndefined();
  });
});
