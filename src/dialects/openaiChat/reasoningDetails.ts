import type { JsonObject } from '../../canonical/request.ts';

/** The fields of a `reasoning_details` entry that arrive in pieces. */
const pieceFields = ['text', 'summary', 'data'] as const;

/**
 * How an entry's text grows. Most providers send what is new. One sends all so far each time, as its documentation
 * shows, and what is new from another model (MiniMax-M2#95), so each piece is tested for being the beginning of the next.
 */
type Growth = 'unknown' | 'incremental' | 'maybe-cumulative' | 'cumulative';

type Entry = { json: JsonObject; growth: Growth; pieces: string };

/** This many characters don't begin the next piece by chance. */
const certainLength = 24;

export type DetailsMerger = {
  /** Merges the entries of one chunk and returns the text in them that is new, for display. */
  add(entries: readonly JsonObject[]): string;
  /** What was merged since the last call, in order of arrival. */
  take(): JsonObject[];
};

/**
 * Puts fragments of `reasoning_details` together by type and index. A signature comes in a fragment without text, and
 * a provider refuses reasoning that comes back in fragments (agno#5802).
 */
export function createDetailsMerger(): DetailsMerger {
  let entries: Entry[] = [];

  function addOne(json: JsonObject): string {
    const entry = entries.findLast((each) => isSame(each.json, json)) ?? openEntry(json);
    const before = { ...entry.json };
    for (const [key, value] of Object.entries(json)) if (value !== null && value !== undefined) entry.json[key] = value;
    let added = '';
    for (const field of pieceFields) {
      const piece = json[field];
      if (typeof piece !== 'string') continue;
      const soFar = typeof before[field] === 'string' ? before[field] : '';
      // Opaque data is no prose: a second piece of it is the same again or its continuation.
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
      // It only looked so: the whole is all the pieces after all.
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
