/** Cuts a text into a piece of each given length and the rest. Pieces may be empty. */
export function cutText(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  let rest = text;
  for (const length of lengths) {
    pieces.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return [...pieces, rest];
}

/** The same text in one piece, in single characters, and in two pieces cut at each place. */
export function cutEverywhere(text: string): string[][] {
  const characters = [...text];
  return [[text], characters, ...characters.map((_character, index) => [text.slice(0, index), text.slice(index)])];
}
