import { expect, test } from 'vitest';
import type { Effort } from '../../../src/canonical/request.ts';
import {
  budgetOf,
  budgetOfEffort,
  effortOf,
  effortOfBudget,
  isEffort,
  nearestEffort,
} from '../../../src/reasoning/effort.ts';

const efforts: Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

test('every effort survives conversion to a budget and back', () => {
  for (const effort of efforts) expect(effortOfBudget(budgetOfEffort(effort))).toBe(effort);
  expect(effortOfBudget(1_000_000)).toBe('max');
});

test.each<[Effort, Effort[], Effort]>([
  ['medium', ['low', 'high', 'max'], 'high'],
  ['xhigh', ['low', 'high', 'max'], 'high'],
  ['minimal', ['low', 'high', 'max'], 'low'],
  ['none', ['low', 'high', 'max'], 'low'],
  ['none', ['none', 'high'], 'none'],
  ['minimal', ['none', 'high'], 'high'],
  ['max', ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'], 'xhigh'],
  ['high', ['none'], 'none'],
])('%s of %j is %s', (effort, supported, expected) => {
  expect(nearestEffort(effort, supported)).toBe(expected);
});

test('effort and budget of a request', () => {
  expect(effortOf({})).toBeUndefined();
  expect(effortOf({ effort: 'low', budgetTokens: 30_000 })).toBe('low');
  expect(effortOf({ budgetTokens: 10_000 })).toBe('high');
  expect(isEffort('high')).toBe(true);
  expect(isEffort('highest')).toBe(false);
});

test('a budget leaves room for the answer', () => {
  expect(budgetOf({})).toBeUndefined();
  expect(budgetOf({ effort: 'none' })).toBe(0);
  expect(budgetOf({ effort: 'high' })).toBe(16_384);
  expect(budgetOf({ effort: 'high' }, 4000)).toBe(3999);
  expect(budgetOf({ budgetTokens: 100 }, 4000)).toBe(1024);
  expect(budgetOf({ effort: 'low' }, 1024)).toBeUndefined();
});
