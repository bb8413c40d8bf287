import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isFull } from '../unit/matrix/sampling.ts';

const soak = fileURLToPath(new URL('../bench/soak.mjs', import.meta.url));

/** Fewer show a leak that is twice as large. */
const requests = isFull ? '2000' : '1000';

// The figures come from /proc.
test.skipIf(process.platform !== 'linux')(
  `${requests} mixed requests leave neither memory nor streams nor handles behind`,
  async () => {
    const { code, output } = await runSoak(requests);
    expect(output).toContain(`✔ ${requests} requests`);
    expect(code).toBe(0);
  },
  180_000,
);

function runSoak(requests: string): Promise<{ code: number | string; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [soak, '--requests', requests], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? (error ? 1 : 0), output: stdout + stderr }),
    );
  });
}
