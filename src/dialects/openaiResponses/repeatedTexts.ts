import { fillPlaces, jsonPlace } from '../../canonical/jsonPlaces.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { encode, type Pieces } from '../../sse/pieces.ts';

/** Shorter texts are written as often as needed. Characters. */
const shortText = 1000;

/** More are joined before they become bytes, each of which has its price. */
const fewPieces = 64;

/** As text, and as bytes since that is done once. */
type Repeated = { json: string; bytes: Uint8Array };

/** An event's data in pieces: as text, and as what is sent. */
type EventData = { data: readonly string[]; raw: Pieces };

/** The long texts of a reply, which up to four events repeat. Each is turned into JSON and into bytes once. */
export function createRepeatedTexts() {
  const texts: Repeated[] = [];
  return {
    /** What goes into an event's fields for the text. `pieces`: the text as it was written before, piece by piece, in JSON without quotes. */
    add(text: string, pieces: readonly string[] = [JSON.stringify(text).slice(1, -1)]): unknown {
      if (text.length <= shortText) return text;
      const quoted = ['"', ...(pieces.length > fewPieces ? [pieces.join('')] : pieces), '"'];
      const json = quoted.reduce((before, piece) => before + piece);
      return jsonPlace(texts.push({ json, bytes: encode(quoted) }) - 1);
    },
    write(event: JsonObject): EventData {
      const written = JSON.stringify(event);
      const parts = texts.length === 0 ? [written] : fillPlaces(written, (index) => texts.slice(index, index + 1));
      return {
        data: parts.map((part) => (typeof part === 'string' ? part : part.json)),
        raw: parts.map((part) => (typeof part === 'string' ? part : part.bytes)),
      };
    },
  };
}

export type RepeatedTexts = ReturnType<typeof createRepeatedTexts>;
