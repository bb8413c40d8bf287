import type { Turn } from './turn.ts';
import type { Written } from './writeAnswer.ts';

/** What an answer was made with: its own parts, and the functions that were made for it. */
type AnswerParts = { turn: Turn; written: Written; functions: object };

export type LastAnswer = { keep(parts: AnswerParts): void };

/** Longer answers, and requests that are long, are not worth their memory. Characters. */
const longestAnswer = 256 * 1024;

/**
 * Keeps the parts of the latest answer alive until the next one. V8 drops the code that it has compiled for an object's shape, or for a
 * function, when a full collection finds no such object or function; and an idle gateway, which collects its garbage, has none.
 */
export function createLastAnswer(): LastAnswer {
  const last: { parts?: AnswerParts } = {};
  return {
    keep(parts) {
      if (!parts.turn.exchange.isLong && lengthOf(parts.written.pieces) <= longestAnswer) last.parts = parts;
    },
  };
}

function lengthOf(pieces: readonly string[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}
