/**
 * The matrix is cases × paths × ways (of streaming, or of cutting a stream). By default each pair of case and path runs once,
 * in one way; the ways rotate, so that each case, each client and each protocol meets all of them. `npm test -- --full` sets
 * CCR_MATRIX=full, which runs the whole product; CCR_MATRIX=1, 2, ... starts the rotation elsewhere.
 */
const matrix = process.env['CCR_MATRIX'] ?? '0';
if (!/^(full|\d+)$/.test(matrix)) throw new Error(`CCR_MATRIX is "full" or a whole number, but was ${matrix}`);

export const isFull = matrix === 'full';
/** Where the rotations begin. */
export const seed = isFull ? 0 : Number(matrix);

/** How often a property is tried: a quarter of `runs` by default, all of them in a full run. */
export function runsOf(runs: number): number {
  return isFull ? runs : Math.ceil(runs / 4);
}

/** One of `ways`, or all of them in a full run. Neighbours in either direction get different ways (a Latin square). */
export function waysFor<Way>(ways: readonly Way[], row: number, column: number): readonly Way[] {
  if (isFull) return ways;
  const turn = (row + column + seed) % ways.length;
  return ways.slice(turn, turn + 1);
}

/** Every `step`-th of `items`, beginning at another one for each `turn`: `step` successive turns take all of them. */
export function everyNth<Item>(items: readonly Item[], step: number, turn: number): readonly Item[] {
  return isFull ? items : items.filter((_, index) => (index + turn + seed) % step === 0);
}
