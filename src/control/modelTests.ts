import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { Wording } from '../canonical/wording.ts';
import { configFolder } from '../config/files.ts';
import { makePrivateFolder, writeFileAtomically } from './privateFiles.ts';

/** What a model is tested for, in the order of the tests. */
export const checkNames = [
  'tool-call',
  'parallel-calls',
  'apply-patch',
  'namespaced-tool',
  'reasoning-replay',
  'image',
  'structured-output',
  'long-output',
  'usage',
  'cache',
] as const;
export type CheckName = (typeof checkNames)[number];

const wordingSchema: z.ZodType<Wording> = z.lazy(() =>
  z.object({ text: z.string(), values: z.array(z.union([z.string(), z.number(), wordingSchema])) }),
);

const resultSchema = z.object({
  name: z.enum(checkNames),
  /**
   * `absent`: the model does not have it, which is not a fault: it takes no images, or has nothing in its cache. `untested`: the
   * provider did not answer, which says nothing of the model.
   */
  outcome: z.enum(['passed', 'failed', 'absent', 'untested']),
  /** What was wrong or is absent, or why it was not tested, for users. Absent when it passed. */
  detail: z.string().optional(),
  /** Of `detail`, for a window's own language. Absent from older tests. */
  wording: wordingSchema.optional(),
});
export type CheckResult = z.infer<typeof resultSchema>;

const testSchema = z.object({
  /** `provider,model`. */
  target: z.string(),
  /** Unix time in ms. */
  testedAt: z.number(),
  results: z.array(resultSchema),
  /** Of the whole test, as far as the provider counts them. Tokens. */
  tokens: z.object({ input: z.number(), output: z.number() }),
});
/** The latest contract test of a model. */
export type ModelTest = z.infer<typeof testSchema>;

/** Of models that are no longer used, the oldest go. */
const maxKept = 500;

function fileIn(homeDirectory: string): string {
  return path.join(configFolder(homeDirectory), 'state', 'model-tests.json');
}

/** The latest test of each model. Empty if none was stored, or if the file can't be read. */
export function readModelTests(homeDirectory: string): ModelTest[] {
  try {
    return z.array(testSchema).parse(JSON.parse(readFileSync(fileIn(homeDirectory), 'utf8')));
  } catch {
    return [];
  }
}

/** When a test was stored last, as Unix time in ms; undefined if none was. */
export function modelTestsStoredAt(homeDirectory: string): number | undefined {
  return statSync(fileIn(homeDirectory), { throwIfNoEntry: false })?.mtimeMs;
}

/** Replaces the model's earlier test. */
export function storeModelTest(homeDirectory: string, test: ModelTest): void {
  const file = fileIn(homeDirectory);
  const others = readModelTests(homeDirectory).filter(({ target }) => target !== test.target);
  makePrivateFolder(path.dirname(file));
  writeFileAtomically(file, JSON.stringify([...others, test].slice(-maxKept)), { mode: 0o600 });
}
