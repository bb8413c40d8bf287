import { expect, it } from 'vitest';
import { spoken } from '../../../src/canonical/wording.ts';
import { describeModelTest } from '../../../src/control/describeModelTest.ts';
import { NoAnswerError } from '../../../src/doctor/askModel.ts';
import { testModel } from '../../../src/doctor/contractTest.ts';

const test = (error: Error) =>
  testModel({
    target: 'p,m',
    async ask() {
      throw error;
    },
    readsImages: true,
    now: () => Date.UTC(2026, 10, 27),
  });

it('an outage during a test says nothing of the model', async () => {
  const result = await test(new NoAnswerError('The provider is overloaded.'));
  expect(new Set(result.results.map(({ outcome }) => outcome))).toEqual(new Set(['untested']));
  expect(spoken(describeModelTest(result))).toBe('tested 2026-11-27: 10 checks got no answer');
});

it('a refusal of the request itself is a fault of the model', async () => {
  const { results } = await test(new Error('tools are not supported'));
  const others = results.filter(({ name }) => name !== 'usage');
  expect(new Set(others.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
  expect(results[0]).toMatchObject({ name: 'tool-call', detail: 'tools are not supported' });
});
