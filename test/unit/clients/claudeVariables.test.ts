import { expect, it } from 'vitest';
import {
  claudeGatewayVariables,
  withClaudeVariables,
  withoutClaudeVariables,
} from '../../../src/clients/claudeVariables.ts';

const ours = claudeGatewayVariables('http://127.0.0.1:3456', 'key');

it.each([
  ['not set', undefined],
  ['an empty list', []],
  ['other variables', [{ name: 'A', value: '1' }]],
])('the setting is %s again after the undo', (_what, before) => {
  const { after, edit } = withClaudeVariables(before, ours);
  expect(after).toEqual([...(before ?? []), ...ours]);
  expect(withoutClaudeVariables(after, ours, edit)).toEqual(before);
});

it('replaces variables of the same names, and brings them back', () => {
  const before = [
    { name: 'A', value: '1' },
    { name: 'ANTHROPIC_BASE_URL', value: 'http://other' },
  ];
  const { after, edit } = withClaudeVariables(before, ours);
  expect(after.filter(({ name }) => name === 'ANTHROPIC_BASE_URL')).toEqual([
    { name: 'ANTHROPIC_BASE_URL', value: 'http://127.0.0.1:3456/w/shared' },
  ]);
  const edited = [...after, { name: 'B', value: '2' }];
  expect(withoutClaudeVariables(edited, ours, edit)).toEqual([
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
    { name: 'ANTHROPIC_BASE_URL', value: 'http://other' },
  ]);
});

it('takes itself out without a record, and leaves a setting that was removed', () => {
  expect(withoutClaudeVariables(ours, ours, undefined)).toBeUndefined();
  expect(withoutClaudeVariables(undefined, ours, { replaced: [], wasSet: true })).toBeUndefined();
});
