import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.join(import.meta.dirname, '..'),
  test: {
    projects: [
      // Files share a worker's modules: loading them again for each file would take longer than the tests. So vi.mock has no effect on
      // a module of ours that another file has loaded: give it what it is to use.
      {
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 10_000, isolate: false, maxWorkers: 2 },
      },
      // End-to-end tests start real processes, and mostly wait for them: two files at a time keep two cores busy.
      {
        test: {
          name: 'e2e',
          maxConcurrency: 3,
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/**/*.clients.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
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
