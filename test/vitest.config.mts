import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.join(import.meta.dirname, '..'),
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 10_000 } },
      // End-to-end tests start real processes. One file at a time, so that two cores are enough.
      {
        test: {
          name: 'e2e',
          maxConcurrency: 3,
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/**/*.clients.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'clients',
          maxConcurrency: 3,
          include: ['test/e2e/**/*.clients.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
