import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storeModelTest, type CheckResult } from '../../../src/control/modelTests.ts';
import { createTestVerdicts } from '../../../src/server/testVerdicts.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-tests-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const target = { provider: 'p', model: 'm', tier: 'p' };
const store = (...results: CheckResult[]): void =>
  storeModelTest(home, { target: 'p,m', testedAt: 7, results, tokens: { input: 0, output: 0 } });

it('what failed is known, but not what was absent or got no answer', () => {
  store(
    { name: 'image', outcome: 'failed' },
    { name: 'cache', outcome: 'absent' },
    { name: 'usage', outcome: 'untested' },
    { name: 'tool-call', outcome: 'passed' },
  );
  const verdicts = createTestVerdicts(home, () => 0);
  expect(verdicts(target)).toEqual({ failed: ['image'], testedAtMs: 7 });
  expect(verdicts({ ...target, model: 'other' })).toBeUndefined();
});

it('a test by another process counts within seconds', () => {
  let now = 0;
  const verdicts = createTestVerdicts(home, () => now);
  expect(verdicts(target)).toBeUndefined();
  store({ name: 'image', outcome: 'failed' });
  now = 4_999;
  expect(verdicts(target)).toBeUndefined();
  now = 5_000;
  expect(verdicts(target)?.failed).toEqual(['image']);
});
