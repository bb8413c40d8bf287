import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const soak = fileURLToPath(new URL('../bench/soak.mjs', import.meta.url));

// The figures come from /proc.
test.skipIf(process.platform !== 'linux')(
  '2000 mixed requests leave neither memory nor streams nor handles behind',
  async () => {
    const { code, output } = await runSoak('2000');
    expect(output).toContain('✔ 2000 requests');
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
