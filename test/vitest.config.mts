import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where waiting takes long, though the files are short: they begin first, so that none of them runs alone at the end. */
const longest = ['soak', 'balancers', 'redisAway', 'package', 'killed', 'changingModels', 'loops', 'codex'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      moduleId.includes('/e2e/') && longest.includes(path.basename(moduleId, '.test.ts'));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  root: path.join(import.meta.dirname, '..'),
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // Files share a worker's modules: loading them again for each file would take longer than the tests. So vi.mock has no effect on
      // a module of ours that another file has loaded: give it what it is to use.
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Ten times what the longest takes: the other stages run beside them.
          testTimeout: 30_000,
          isolate: false,
          maxWorkers: 2,
        },
      },
      // End-to-end tests start real processes, and mostly wait for them.
      {
        test: {
          name: 'e2e',
          maxConcurrency: 3,
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/**/*.clients.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
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
