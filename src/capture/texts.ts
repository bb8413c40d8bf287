import { isObject, parseJson } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { finish, type Steps } from './slices.ts';

/** A part of a text, and what replaces it. */
export type Span = { from: number; to: number; by: string };

/**
 * Finds what to replace in a text. `field` names the field of the JSON that holds it, `place` all fields above it; both are empty
 * for a text of its own.
 */
export type FindSpans = (text: string, field: string, place: string) => Span[];

/** Fields that number the parts of an answer which a frame belongs to. */
const numbering = ['index', 'output_index', 'content_index', 'summary_index'];

/** A copy of a JSON value with its texts edited, each for itself. */
export function editJson(value: unknown, find: FindSpans): unknown {
  if (typeof value === 'string') return editText(value, placeOf('', ''), find);
  const copy = structuredClone(value);
  editTexts(copy, placeOf('', ''), (place, text) => editText(text, place, find));
  return copy;
}

function editText(text: string, { field, name }: Place, find: FindSpans): string {
  return applySpans([text], find(text, field, name))[0] ?? '';
}

/**
 * Edits the texts in what a provider or CCR wrote: JSON, an event stream, or anything else. In a stream, what is to be
 * replaced is also found where it is spread over several frames. The number of its lines stays.
 */
export function editWire(text: string, find: FindSpans): string {
  const whole = parseJson(text);
  if (whole !== undefined) {
    const edited = editJson(whole, find);
    return JSON.stringify(edited) === JSON.stringify(whole) ? text : JSON.stringify(edited);
  }
  return finish(editLines(text, find));
}

/** A line with JSON, as an event's data or by itself. */
const jsonLine = /^(\s*(?:data:\s?)?)([[{].*?)(\r?)$/;

/**
 * Where a text is in the frames of a stream: texts with one place are pieces of one text. `edited`, if anything is to be replaced, in
 * the order of the pieces.
 */
type Place = {
  field: string;
  name: string;
  pieces: string[];
  edited?: string[];
  inner: Map<string | number, Place>;
};

/** Lines to read in a step. */
const stepLines = 64;

/** Streams have thousands of small texts, in most of which nothing is to be replaced: then they are read once, and nothing is kept of them. */
export function* editLines(text: string, find: FindSpans): Steps<string> {
  const lines = text.split('\n');
  const root = placeOf('', '');
  const places: Place[] = [];
  const readPlace = (place: Place, piece: string): string => {
    if (place.pieces.push(piece) === 1) places.push(place);
    return piece;
  };
  const isJson: boolean[] = [];
  for (const [at, line] of lines.entries()) {
    if (at % stepLines === 0) yield;
    const json = jsonLine.exec(line)?.[2];
    const value = json === undefined ? undefined : parseJson(json);
    if (value === undefined) lines[at] = editText(line, root, find);
    else editTexts(value, root, readPlace);
    isJson.push(value !== undefined);
  }
  let isFound = false;
  for (const place of places) {
    yield;
    const spans = find(place.pieces.join(''), place.field, place.name);
    if (spans.length === 0) continue;
    place.edited = applySpans(place.pieces, spans).toReversed();
    isFound = true;
  }
  if (!isFound) return lines.join('\n');
  const edited = (place: Place, piece: string): string => place.edited?.pop() ?? piece;
  for (const [at, line] of lines.entries()) {
    if (at % stepLines === 0) yield;
    if (isJson[at]) lines[at] = editLine(line, root, edited);
  }
  return lines.join('\n');
}

function editLine(line: string, root: Place, edit: (place: Place, piece: string) => string): string {
  const [, before = '', json = '', after = ''] = jsonLine.exec(line) ?? [];
  const value = parseJson(json);
  return editTexts(value, root, edit) ? `${before}${JSON.stringify(value)}${after}` : line;
}

function placeOf(field: string, name: string): Place {
  return { field, name, pieces: [], inner: new Map() };
}

function innerPlace(place: Place, key: string | number, field: string, name: () => string): Place {
  let found = place.inner.get(key);
  if (!found) {
    found = placeOf(field, name());
    place.inner.set(key, found);
  }
  return found;
}

/** Edits the texts within an object or a list, in their order. @returns whether one has changed */
function editTexts(value: unknown, place: Place, edit: (place: Place, piece: string) => string): boolean {
  let isChanged = false;
  const inside = (owner: JsonObject | unknown[], key: string | number, inner: unknown, at: Place): void => {
    if (typeof inner !== 'string') {
      isChanged = editTexts(inner, at, edit) || isChanged;
      return;
    }
    const edited = edit(at, inner);
    if (edited === inner) return;
    (owner as JsonObject)[key] = edited;
    isChanged = true;
  };
  if (Array.isArray(value))
    for (const [at, inner] of value.entries())
      inside(
        value,
        at,
        inner,
        innerPlace(place, at, place.field, () => `${place.name}[${at}]`),
      );
  else if (isObject(value)) {
    const kind = kindOf(value);
    const own = innerPlace(place, kind, place.field, () => place.name + kind);
    for (const name of Object.keys(value))
      inside(
        value,
        name,
        value[name],
        innerPlace(own, name, name, () => `${own.name}.${name}`),
      );
  }
  return isChanged;
}

/** Which part of an answer a frame belongs to. */
function kindOf(object: JsonObject): string {
  let kind = typeof object['type'] === 'string' ? ` ${object['type']}` : ' ';
  for (const name of numbering) {
    const number = object[name];
    kind += typeof number === 'number' ? `,${number}` : ',';
  }
  return kind;
}

/** The pieces with the spans of their concatenation replaced. A replacement as long as what it replaces keeps the pieces' lengths. */
export function applySpans(pieces: readonly string[], found: readonly Span[]): string[] {
  if (found.length === 0) return [...pieces];
  const spans = withoutOverlaps(found);
  let start = 0;
  let next = 0;
  return pieces.map((piece) => {
    const end = start + piece.length;
    let edited = '';
    let at = start;
    while (next < spans.length) {
      const { from, to, by } = spans[next] as Span;
      if (from >= end) break;
      const [low, high] = [Math.max(from, start), Math.min(to, end)];
      edited += piece.slice(at - start, low - start);
      if (by.length === to - from) edited += by.slice(low - from, high - from);
      else if (low === from) edited += by;
      at = high;
      if (to > end) break;
      next++;
    }
    edited += piece.slice(at - start);
    start = end;
    return edited;
  });
}

function withoutOverlaps(found: readonly Span[]): Span[] {
  const spans: Span[] = [];
  for (const span of found.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = spans.at(-1);
    if (!last || span.from >= last.to) spans.push({ ...span });
    else if (span.to > last.to) last.to = span.to;
  }
  return spans;
}
