import { fillPlaces, jsonPlace } from './jsonPlaces.ts';

/**
 * A text and how JSON writes it, without the quotes: as it came, so that it need not be written again. It goes beside a text, and
 * is of no use once a stage has changed that.
 */
export type WrittenText = { text: string; json: string };

/** Of shorter ones, writing them costs less than to remember how they are written. Characters. */
const shortest = 256;

export function writtenText(text: string, json: string): WrittenText | undefined {
  return json.length < shortest ? undefined : { text, json };
}

/** How JSON writes a text, without the quotes, if that is known. */
export function knownJson(text: string, written: WrittenText | undefined): string | undefined {
  return written?.text === text ? written.json : undefined;
}

/** Of a text that consists of two. Where one of them is known, a shorter one beside it is written: the first event of a shape is unknown. */
export function joinWritten(first: MaybeWritten, second: MaybeWritten): WrittenText | undefined {
  const [one, other] = [first.written, second.written];
  if (!one && !other) return undefined;
  const before = one?.json ?? writeBeside(first.text, other);
  const after = other?.json ?? writeBeside(second.text, one);
  if (before === undefined || after === undefined) return undefined;
  return { text: first.text + second.text, json: before + after };
}

type MaybeWritten = { text: string; written?: WrittenText | undefined };

function writeBeside(text: string, known: WrittenText | undefined): string | undefined {
  return known && text.length <= known.json.length ? JSON.stringify(text).slice(1, -1) : undefined;
}

/** Stands for a text in JSON until `fillPlace`. */
export const textPlace = jsonPlace(0);

/** JSON with a text in the place of `textPlace`, in pieces; as it is if that text is undefined. */
export function fillPlace(json: string, known: string | undefined): readonly string[] {
  return known === undefined ? [json] : fillPlaces(json, () => ['"', known, '"']);
}
