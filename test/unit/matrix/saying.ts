import { framesOf, readFixture, type Protocol } from './cases.ts';

/** The text of the `text` fixtures, as JSON. */
const said = JSON.stringify('Grüße, 漢字 🙂 and a < b > c.');
const [firstPiece, ...otherPieces] = ['Grüße, ', '漢字 🙂', ' and a < b > c.'].map((piece) => JSON.stringify(piece));

/** The frames of the `text` stream, with its text replaced by `pieces`, one per frame. */
export function framesSaying(protocol: Protocol, pieces: readonly string[]): string[] {
  const text = JSON.stringify(pieces.join(''));
  return framesOf(readFixture('text', protocol, 'sse')).flatMap((frame) => {
    if (firstPiece !== undefined && frame.includes(firstPiece))
      return pieces.map((piece) => frame.replace(firstPiece, () => JSON.stringify(piece)));
    if (otherPieces.some((piece) => frame.includes(piece))) return [];
    return [frame.replaceAll(said, () => text)];
  });
}

/** The whole reply of the `text` fixture, with its text replaced by `text`. */
export function replySaying(protocol: Protocol, text: string): string {
  return readFixture('text', protocol, 'json').replaceAll(said, () => JSON.stringify(text));
}
