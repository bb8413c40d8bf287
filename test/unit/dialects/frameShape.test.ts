import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShapeMemory } from '../../../src/dialects/frameShape.ts';
import type { SseFrame } from '../../../src/sse.ts';

type Json = Record<string, unknown>;

/** What a memory that has learnt `first` reads in `data`; undefined if it does not know the shape. */
function readAfter(first: Json, data: string): string | undefined {
  const memory = createShapeMemory();
  const said: string[] = [];
  memory.learn({ data: JSON.stringify(first) }, { text: textIn(first), again: (text) => said.push(text) });
  const frame: Extract<SseFrame, { data: string }> = { data };
  const isKnown = memory.readAgain(frame);
  expect(said).toHaveLength(isKnown ? 1 : 0);
  expect(typeof frame.reading === 'object').toBe(isKnown);
  return said[0];
}

function textIn({ delta }: Json): string {
  return String(delta);
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

  it('is not read if its text is empty', () => {
    expect(readAfter(first, JSON.stringify(write('', 7)))).toBeUndefined();
  });
});
