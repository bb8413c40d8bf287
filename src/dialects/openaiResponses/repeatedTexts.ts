import { rawJson } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';

/** Shorter texts are written as often as needed. Characters. */
const shortText = 1000;

/**
 * What stands for a long text until an event is written: a string of digits as escapes, which no JSON of `JSON.stringify` has,
 * since it writes a digit as it is and a backslash of a text as two.
 */
const placeholder = /"((?:\\u003\d)+)"/;

/**
 * The long texts of a reply, which up to four events repeat. Each is turned into JSON once, and an event that has it is a join of
 * strings, whose characters are copied only when all of them become bytes.
 */
export function createRepeatedTexts() {
  const texts: string[] = [];
  return {
    /** What goes into an event's fields for the text. `pieces`: the text as it was written before, piece by piece, in JSON without quotes. */
    add(text: string, pieces: readonly string[] = [JSON.stringify(text).slice(1, -1)]): unknown {
      if (text.length <= shortText) return text;
      const place = String(texts.push(`"${pieces.join('')}"`) - 1);
      return rawJson(`"${[...place].map((digit) => `\\u003${digit}`).join('')}"`);
    },
    write(event: JsonObject): string {
      const json = JSON.stringify(event);
      if (texts.length === 0) return json;
      return json
        .split(placeholder)
        .reduce((written, part, index) => written + (index % 2 === 0 ? part : textAt(part)), '');
    },
  };

  function textAt(escapes: string): string {
    return texts[Number(JSON.parse(`"${escapes}"`))] ?? '""';
  }
}

export type RepeatedTexts = ReturnType<typeof createRepeatedTexts>;
