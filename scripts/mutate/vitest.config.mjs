import path from 'node:path';
import { defineConfig } from 'vitest/config';

const folder = import.meta.dirname;

export default defineConfig({
  root: path.join(folder, '../..'),
  resolve: { alias: [{ find: /^vitest$/, replacement: path.join(folder, 'registry.mjs') }] },
  test: {
    include: ['scripts/mutate/driver.mjs'],
    maxWorkers: 1,
    // What a mutant leaves behind may fail later.
    dangerouslyIgnoreUnhandledErrors: true,
  },
});
