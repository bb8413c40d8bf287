import { build, type BuildOptions } from 'esbuild';
import { expect, it } from 'vitest';
import { pageOptions } from '../../../../scripts/bundle/page.mjs';

/** Bytes of script and style together. */
const budget = 200 * 1024;

it('keeps the page within its budget', async () => {
  const { outputFiles = [] } = await build({ ...(pageOptions as BuildOptions), write: false });
  const loaded = outputFiles.filter(({ path }) => !path.endsWith('.map'));
  const size = loaded.reduce((sum, { contents }) => sum + contents.length, 0);
  expect(size).toBeGreaterThan(50 * 1024);
  expect(size).toBeLessThan(budget);
});
