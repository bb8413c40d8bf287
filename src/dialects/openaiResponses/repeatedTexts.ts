import { rawJson } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { bytesOf, type Pieces } from '../../sse/pieces.ts';

/** Shorter texts are written as often as needed. Characters. */
const shortText = 1000;

/** More are joined before they become bytes, each of which has its price. */
const fewPieces = 64;

/**
 * What stands for a long text until an event is written: a string of digits as escapes, which no JSON of `JSON.stringify` has,
 * since it writes a digit as it is and a backslash of a text as two.
 */
const placeholder = /"((?:\\u003\d)+)"/;

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
      const place = String(texts.push({ json, bytes: Buffer.concat(bytesOf(quoted)) }) - 1);
      return rawJson(`"${[...place].map((digit) => `\\u003${digit}`).join('')}"`);
    },
    write(event: JsonObject): EventData {
      const parts = JSON.stringify(event).split(placeholder);
      const [first = ''] = parts;
      if (parts.length === 1) return { data: [first], raw: [first] };
      const isText = (index: number): boolean => index % 2 === 1;
      return {
        data: parts.map((part, index) => (isText(index) ? textAt(part).json : part)),
        raw: parts.map((part, index) => (isText(index) ? textAt(part).bytes : part)),
      };
    },
  };

  function textAt(escapes: string): Repeated {
    return texts[Number(JSON.parse(`"${escapes}"`))] ?? { json: '""', bytes: Buffer.from('""') };
  }
}

export type RepeatedTexts = ReturnType<typeof createRepeatedTexts>;
