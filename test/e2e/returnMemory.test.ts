// What a gateway frees goes back to the system: it has started itself again with the variables that glibc reads, as the same process.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startGateway } from './gateway.ts';

const config = {
  Providers: [{ name: 'idle', api_base_url: 'http://127.0.0.1:9/v1/chat/completions', api_key: 'none', models: ['m'] }],
  Router: { default: 'idle,m' },
};

test.skipIf(process.platform !== 'linux')("a gateway runs with glibc's variables, and stops when asked", async () => {
  const gateway = await startGateway(config, { OF_THE_USER: 'kept' });
  try {
    const { stdout } = await gateway.ccr(['status', '--json']);
    const { pid } = JSON.parse(stdout) as { pid: number };
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(variables).toContain('MALLOC_MMAP_THRESHOLD_=32768');
    expect(variables).toContain('MALLOC_TOP_PAD_=0');
    expect(variables).toContain('MALLOC_TRIM_THRESHOLD_=1048576');
    expect(variables).toContain('OF_THE_USER=kept');
    expect(gateway.output()).not.toMatch(/warning/i);
  } finally {
    await gateway.stop();
  }
  await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
});
