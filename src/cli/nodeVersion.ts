/** The oldest Node that CCR runs on. */
export const oldestNode = '22.19.0';

/** Whether a version such as `22.19.1` is at least another. */
export function isAtLeast(version: string, oldest: string): boolean {
  const wanted = oldest.split('.').map(Number);
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, least] of wanted.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
