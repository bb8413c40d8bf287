/** The oldest Node that CCR runs on. */
const oldestNode = '22.19.0';

/** Whether a version such as `22.19.1` is at least `oldest`. */
export function isAtLeast(version: string, oldest: string): boolean {
  const wanted = oldest.split('.').map(Number);
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, least] of wanted.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

// The CLI imports this file first: the other modules use features that an older Node lacks.
if (!isAtLeast(process.versions.node, oldestNode)) {
  process.stderr.write(`ccr needs Node ${oldestNode} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
