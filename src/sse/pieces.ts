/** A text in pieces, in their order. What is written several times may be bytes (UTF-8) already. */
export type Pieces = readonly (string | Uint8Array)[];

/** A piece of which a copy costs more than to write it by itself. Characters. */
const longPiece = 1024;

/** Collects text that is written at once. Short pieces are joined; long ones are not, since that would copy them. */
export function createPieces() {
  let pieces: (string | Uint8Array)[] = [];

  function add(piece: string | Uint8Array): void {
    const last = pieces.at(-1);
    if (typeof piece === 'string' && typeof last === 'string' && piece.length < longPiece && last.length < longPiece)
      pieces[pieces.length - 1] = last + piece;
    else if (piece.length > 0) pieces.push(piece);
  }

  return {
    add(text: string | Pieces): void {
      if (typeof text === 'string') add(text);
      else text.forEach(add);
    },
    isEmpty: () => pieces.length === 0,
    take(): Pieces {
      const taken = pieces;
      pieces = [];
      return taken;
    },
  };
}

/** The bytes of a text: the strings that follow each other as one piece. */
export function bytesOf(pieces: Pieces): Uint8Array[] {
  const all: Uint8Array[] = [];
  let strings: string[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') strings.push(piece);
    else {
      if (strings.length > 0) all.push(encode(strings));
      strings = [];
      all.push(piece);
    }
  }
  if (strings.length > 0) all.push(encode(strings));
  return all;
}

export function joinPieces(text: string | Pieces): string {
  if (typeof text === 'string') return text;
  return text.map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString())).join('');
}

/** The most bytes that a character takes. */
const longestCharacter = 4;

/**
 * The bytes of strings, with this many free ones before and after them. To count them beforehand takes longer than to write them, so
 * there is room for what is mostly ASCII, and they are counted if that is too little.
 */
export function encode(strings: readonly string[], before = 0, after = 0): Buffer {
  const characters = strings.reduce((sum, { length }) => sum + length, 0);
  const room = characters + (characters >> 4) + 2 * longestCharacter;
  const bytes = Buffer.allocUnsafe(before + room + after);
  const end = writeAll(strings, bytes.subarray(before, before + room));
  // A character that did not fit is left out, so there has to be room for one.
  if (room - end >= longestCharacter) return bytes.subarray(0, before + end + after);
  const exact = Buffer.allocUnsafe(before + strings.reduce((sum, text) => sum + Buffer.byteLength(text), 0) + after);
  writeAll(strings, exact.subarray(before));
  return exact;
}

/** Returns where the last of them ends. */
function writeAll(strings: readonly string[], bytes: Buffer): number {
  let at = 0;
  for (const text of strings) at += bytes.write(text, at);
  return at;
}
