/**
 * Cuts a text into pieces of the given sizes in code points, cycling. Sizes of 1 to 3 cut a tag at every place sooner or
 * later.
 */
export function pieces(text: string, sizes: readonly number[]): string[] {
  const points = Array.from(text);
  const result: string[] = [];
  let start = 0;
  for (let turn = 0; start < points.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? points.length);
    result.push(points.slice(start, start + size).join(''));
    start += size;
  }
  return result;
}
