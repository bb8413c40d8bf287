import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { createLog } from '../../../src/observe/log.ts';
import { createPartsOrClose } from '../../../src/server/run.ts';

it('the export of telemetry ends if the config is invalid at the start', async () => {
  const close = vi.fn(() => Promise.resolve());
  const homeDirectory = mkdtempSync(path.join(tmpdir(), 'ccr-run-'));
  try {
    const file = path.join(homeDirectory, 'config.json');
    writeFileSync(file, '{ "Providers": 1 }');
    const log = createLog(
      () => 'error',
      () => undefined,
    );
    const options = { file, environment: {}, homeDirectory, version: '1.0.0', log };
    const started = createPartsOrClose(options, { telemetry: undefined, close });
    await expect(started).rejects.toThrow('Providers');
    expect(close).toHaveBeenCalledOnce();
  } finally {
    rmSync(homeDirectory, { recursive: true, force: true });
  }
});
