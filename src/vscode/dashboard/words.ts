// Figures as people read them. Used by the views and by the dashboard's page.

/** @example 1234567 is `1.2 M` */
export function shortCount(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 999_500) return `${trimmed(count / 1000)} k`;
  return `${trimmed(count / 1_000_000)} M`;
}

/** Cents and fractions of them matter here. @example `$0.0042` */
export function money(usd: number): string {
  if (usd === 0) return '$0';
  const sign = usd < 0 ? '−' : '';
  const size = Math.abs(usd);
  return `${sign}$${size >= 1 ? size.toFixed(2) : size >= 0.0001 ? size.toFixed(4) : '<0.0001'}`;
}

/** @example 1234 is `1.2 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Until something may be tried again, in whole seconds. @example 58600 is `59 s` */
export function waiting(ms: number): string {
  return duration(Math.ceil(ms / 1000) * 1000).replace('.0 s', ' s');
}

/** @example 0.256 is `26 %` */
export function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

function trimmed(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}
