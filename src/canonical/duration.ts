const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a length of time such as `30m`, `5h` or `7d`; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  return unit === 'm' || unit === 'h' || unit === 'd' ? Number(amount) * unitMs[unit] : undefined;
}
