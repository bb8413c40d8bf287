// The list of protections, each of which `npm run mutate -- --protections` takes out to see its tests fail, is of this code.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { protections } from '../../scripts/mutate/protections.mjs';

const root = path.join(import.meta.dirname, '../..');

test.each(protections)('$against', ({ file, rule, without, tests }) => {
  const source = readFileSync(path.join(root, file), 'utf8');
  expect(source.split(rule), `${file} has the rule once`).toHaveLength(2);
  expect(without).not.toBe(rule);
  expect(existsSync(path.join(root, tests))).toBe(true);
});
