import { rawJson } from './json.ts';

/** A string of digits as escapes: JSON.stringify writes no digit so, and a backslash of a text as two. */
const placePattern = /"((?:\\u003\d)+)"/;

/** Stands for a value in what JSON.stringify gets, until `fillPlaces`. */
export function jsonPlace(index: number): unknown {
  return rawJson(`"${[...String(index)].map((digit) => `\\u003${digit}`).join('')}"`);
}

/** The JSON before, between and after its places, with what `fill` gives for each of those. */
export function fillPlaces<Piece>(json: string, fill: (index: number) => readonly Piece[]): (string | Piece)[] {
  return json
    .split(placePattern)
    .flatMap((part, at): readonly (string | Piece)[] =>
      at % 2 === 0 ? [part] : fill(Number(JSON.parse(`"${part}"`))),
    );
}
