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

/** Of a text that consists of two. */
export function joinWritten(
  text: string,
  first: WrittenText | undefined,
  second: WrittenText | undefined,
): WrittenText | undefined {
  return first && second ? { text, json: first.json + second.json } : undefined;
}

/** Stands for a text in JSON until `fillPlace`. */
export const textPlace = jsonPlace(0);

/** JSON with a text in the place of `textPlace`, in pieces; as it is if that text is undefined. */
export function fillPlace(json: string, known: string | undefined): readonly string[] {
  return known === undefined ? [json] : fillPlaces(json, () => ['"', known, '"']);
}
