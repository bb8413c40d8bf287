/** The day of a time in UTC, such as `2026-12-31`. `atMs` is Unix time in ms. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
