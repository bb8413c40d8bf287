import { expect, it } from 'vitest';
import {
  claudeGatewayVariables,
  withClaudeVariables,
  withoutClaudeVariables,
} from '../../../src/clients/claudeVariables.ts';

const ours = claudeGatewayVariables('http://127.0.0.1:3456', 'key');
const own = { name: 'ANTHROPIC_BASE_URL', value: 'http://other' };

it.each([
  ['not set', undefined],
  ['an empty list', []],
  ['other variables', [{ name: 'A', value: '1' }]],
  ['variables of the same names, in their place', [own, { name: 'A', value: '1', note: 'mine' }]],
  ['something else', [{ name: 'A', value: 1 }, 'text', null]],
  ['no list', { A: 1 }],
])('the setting is %s again after the undo', (_what, before) => {
  const edit = withClaudeVariables(before, ours);
  expect(edit.after.slice(-ours.length)).toEqual(ours);
  expect(edit.after).not.toContainEqual(own);
  expect(withoutClaudeVariables(edit.after, edit)).toEqual(before);
});

it('keeps what was edited since, and brings back what it replaced', () => {
  const edit = withClaudeVariables([{ name: 'A', value: '1' }, own], ours);
  const added = { name: 'B', value: '2' };
  expect(withoutClaudeVariables([...edit.after, added], edit)).toEqual([{ name: 'A', value: '1' }, added, own]);
  const changed = edit.after.map((entry) => (entry === ours[0] ? { ...ours[0], value: 'http://mine' } : entry));
  expect(withoutClaudeVariables(changed, edit)).toEqual([
    { name: 'A', value: '1' },
    { name: 'ANTHROPIC_BASE_URL', value: 'http://mine' },
  ]);
});

it('leaves a setting that was removed', () => {
  expect(withoutClaudeVariables(undefined, withClaudeVariables([own], ours))).toBeUndefined();
  const edit = withClaudeVariables(undefined, ours);
  expect(withoutClaudeVariables(edit.after.toReversed(), edit)).toBeUndefined();
});
