import stringWidth from 'string-width';

export type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold';

const codes: Record<Colour, string> = { red: '31', yellow: '33', green: '32', dim: '2', bold: '1' };

/** A text for a terminal. `text` has no control characters. */
export type Cell = { text: string; colour?: Colour | undefined };

export function cell(text: string, colour?: Colour): Cell {
  return { text, colour };
}

const segmenter = new Intl.Segmenter();

/** Exactly `width` columns wide: filled with spaces, or cut with an ellipsis. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const own = stringWidth(text);
  if (own <= width) return align === 'left' ? text + ' '.repeat(width - own) : ' '.repeat(width - own) + text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const wide = stringWidth(segment);
    if (used + wide > width - 1) break;
    kept += segment;
    used += wide;
  }
  return `${kept}…${' '.repeat(width - 1 - used)}`;
}

export function paint(text: string, colour: Colour | undefined, hasColour: boolean): string {
  return colour === undefined || !hasColour ? text : `\u001B[${codes[colour]}m${text}\u001B[0m`;
}

/** @example 950, 12.3k, 4.5M */
export function short(value: number): string {
  if (value < 10_000) return String(Math.round(value));
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    const scaled = value / size;
    if (scaled >= 1) return `${scaled < 100 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
  }
  return String(Math.round(value));
}

/** USD. @example $0.0123, $12.34 */
export function money(usd: number): string {
  return `$${usd === 0 || usd >= 1 ? usd.toFixed(2) : usd.toFixed(4)}`;
}

/** @example 850 ms, 12.3 s, 4m05s */
export function length(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}
