/** A context window in a word. @example 128000 is `128k`, 1048576 is `1M`, 1500000 is `1.5M` */
export function windowSize(tokens: number): string {
  const thousands = Math.round(tokens / 1000);
  return thousands < 1000 ? `${thousands}k` : `${Number((tokens / 1_000_000).toFixed(1))}M`;
}
