import type { JsonObject } from '../../canonical/request.ts';

/** The fields of a `reasoning_details` entry that are streamed in pieces. */
const pieceFields = ['text', 'summary', 'data'] as const;

/**
 * How an entry's text is streamed. Most providers send increments. MiniMax documents cumulative text, but one of its models
 * sends increments (MiniMax-M2#95), so the mode is detected: in a cumulative stream, each piece is a prefix of the next.
 */
type Growth = 'unknown' | 'incremental' | 'maybe-cumulative' | 'cumulative';

type Entry = { json: JsonObject; growth: Growth; pieces: string };

/** A prefix of this many characters is no coincidence. */
const certainLength = 24;

export type DetailsMerger = {
  /** Merges the entries of one chunk and returns their new text, for display. */
  add(entries: readonly JsonObject[]): string;
  /** Returns the entries merged since the last call, in order of arrival. */
  take(): JsonObject[];
};

/**
 * Merges fragments of `reasoning_details` by type and index, since providers refuse reasoning that is sent back in fragments
 * (agno#5802). A signature arrives in a fragment without text.
 */
export function createDetailsMerger(): DetailsMerger {
  let entries: Entry[] = [];

  function addOne(json: JsonObject): string {
    const entry = entries.findLast((each) => isSame(each.json, json)) ?? openEntry(json);
    const before = { ...entry.json };
    for (const [key, value] of Object.entries(json))
      if (value !== null && value !== undefined && key !== '__proto__') entry.json[key] = value;
    let added = '';
    for (const field of pieceFields) {
      const piece = json[field];
      if (typeof piece !== 'string') continue;
      const soFar = typeof before[field] === 'string' ? before[field] : '';
      // A second piece of opaque data is either a repetition or a continuation; it is never cumulative.
      const grown = field === 'data' ? growData(soFar, piece) : growText(entry, soFar, piece);
      entry.json[field] = grown.whole;
      if (field !== 'data') added += grown.added;
    }
    return added;
  }

  function openEntry(json: JsonObject): Entry {
    const entry: Entry = { json: { ...json, ...emptied(json) }, growth: 'unknown', pieces: '' };
    entries.push(entry);
    return entry;
  }

  return {
    add: (fragments) => fragments.map(addOne).join(''),
    take() {
      const merged = entries.map((entry) => entry.json);
      entries = [];
      return merged;
    },
  };
}

/** The text of whole entries. */
export function detailsText(details: readonly JsonObject[]): string {
  return details.flatMap(({ text, summary }) => [text, summary].filter((each) => typeof each === 'string')).join('');
}

function emptied(json: JsonObject): JsonObject {
  return Object.fromEntries(pieceFields.filter((field) => typeof json[field] === 'string').map((field) => [field, '']));
}

function isSame(a: JsonObject, b: JsonObject): boolean {
  const sameId = absent(a['id']) || absent(b['id']) || a['id'] === b['id'];
  return a['type'] === b['type'] && (a['index'] ?? null) === (b['index'] ?? null) && sameId;
}

function absent(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

type Grown = { whole: string; added: string };

function growData(soFar: string, piece: string): Grown {
  return soFar === piece ? { whole: soFar, added: '' } : { whole: soFar + piece, added: piece };
}

function growText(entry: Entry, soFar: string, piece: string): Grown {
  const continues = soFar !== '' && piece.length > soFar.length && piece.startsWith(soFar);
  if (entry.growth !== 'cumulative') entry.pieces += piece;
  switch (entry.growth) {
    case 'unknown':
      if (soFar !== '') entry.growth = continues ? 'maybe-cumulative' : 'incremental';
      break;
    case 'maybe-cumulative':
      if (piece === soFar) return { whole: soFar, added: '' };
      // It only looked cumulative: the text is the concatenation of all pieces.
      if (!continues) {
        entry.growth = 'incremental';
        return { whole: entry.pieces, added: piece };
      }
      break;
    case 'cumulative':
      if (piece === soFar) return { whole: soFar, added: '' };
      break;
    case 'incremental':
      return { whole: soFar + piece, added: piece };
    default:
      entry.growth satisfies never;
  }
  if (!continues) return { whole: soFar + piece, added: piece };
  if (entry.growth === 'maybe-cumulative' && soFar.length >= certainLength) entry.growth = 'cumulative';
  return entry.growth === 'incremental'
    ? { whole: soFar + piece, added: piece }
    : { whole: piece, added: piece.slice(soFar.length) };
}
