import { isObject, parseJson } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

/** A part of a text, and what replaces it. */
export type Span = { from: number; to: number; by: string };

/**
 * Finds what to replace in a text. `field` names the field of the JSON that holds it, `place` all fields above it; both are empty
 * for a text of its own.
 */
export type FindSpans = (text: string, field: string, place: string) => Span[];

/** A text of a JSON value. Leaves with the same `place` in the frames of one stream are pieces of one text. */
type Leaf = { field: string; place: string; text: string; set(text: string): void };

/** Fields that number the parts of an answer which a frame belongs to. */
const numbering = ['index', 'output_index', 'content_index', 'summary_index'];

/** A copy of a JSON value with its texts edited, each for itself. */
export function editJson(value: unknown, find: FindSpans): unknown {
  const copy = structuredClone({ value });
  for (const { field, place, text, set } of leavesOf(copy.value, (root) => (copy.value = root)))
    set(applySpans([text], find(text, field, place))[0] ?? '');
  return copy.value;
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
  return editLines(text, find);
}

/** A line with JSON, as an event's data or by itself. */
type Line = { before: string; root: unknown; changed: boolean; after: string };

function editLines(text: string, find: FindSpans): string {
  const lines = text.split('\n');
  const parsed = new Map<number, Line>();
  const places = new Map<string, Leaf[]>();
  for (const [at, line] of lines.entries()) {
    const [, before = '', json = '', after = ''] = /^(\s*(?:data:\s?)?)([[{].*?)(\r?)$/.exec(line) ?? [];
    const root = json === '' ? undefined : parseJson(json);
    if (root === undefined) {
      lines[at] = applySpans([line], find(line, '', ''))[0] ?? '';
      continue;
    }
    const own: Line = { before, root, changed: false, after };
    parsed.set(at, own);
    for (const leaf of leavesOf(root, (value) => (own.root = value))) {
      const set = (edited: string): void => {
        own.changed = true;
        leaf.set(edited);
      };
      const pieces = places.get(leaf.place);
      if (pieces) pieces.push({ ...leaf, set });
      else places.set(leaf.place, [{ ...leaf, set }]);
    }
  }
  for (const pieces of places.values()) editPieces(pieces, find);
  for (const [at, { before, root, changed, after }] of parsed)
    if (changed) lines[at] = `${before}${JSON.stringify(root)}${after}`;
  return lines.join('\n');
}

function editPieces(pieces: Leaf[], find: FindSpans): void {
  const texts = pieces.map(({ text }) => text);
  const edited = applySpans(texts, find(texts.join(''), pieces[0]?.field ?? '', pieces[0]?.place ?? ''));
  for (const [at, leaf] of pieces.entries()) if (edited[at] !== leaf.text) leaf.set(edited[at] ?? '');
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

/** The texts of a parsed JSON value, in their order. The value is edited in place. */
function leavesOf(root: unknown, setRoot: (value: unknown) => void): Leaf[] {
  const leaves: Leaf[] = [];
  visit(root, '', '', setRoot);
  return leaves;

  function visit(value: unknown, field: string, place: string, set: (value: unknown) => void): void {
    if (typeof value === 'string') leaves.push({ field, place, text: value, set });
    else if (Array.isArray(value))
      value.forEach((each: unknown, at) => visit(each, field, `${place}[${at}]`, (edited) => (value[at] = edited)));
    else if (isObject(value)) visitObject(value, place);
  }

  function visitObject(object: JsonObject, place: string): void {
    const numbers = numbering.map((name) => (typeof object[name] === 'number' ? String(object[name]) : '')).join(',');
    const own = `${place} ${typeof object['type'] === 'string' ? object['type'] : ''} ${numbers}`;
    for (const [name, value] of Object.entries(object))
      visit(value, name, `${own}.${name}`, (edited) => (object[name] = edited));
  }
}
