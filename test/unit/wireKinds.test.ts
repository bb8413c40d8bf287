import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/reference/wire-kinds.md', import.meta.url), 'utf8');

it('the page of the kinds names tests that exist, for each kind', () => {
  const rows = [...page.matchAll(/^\| (\d+)\. .*\| ([^|]+) \|$/gm)].map(([, kind, tests = '']) => ({ kind, tests: tests.trim().split(', ') }));
  expect(rows.map(({ kind }) => Number(kind))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  const missing = rows.flatMap(({ tests }) => tests).filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)));
  expect(missing).toEqual([]);
}); // prettier-ignore
