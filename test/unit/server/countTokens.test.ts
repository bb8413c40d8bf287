import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dialectById } from '../../../src/dialects/registry.ts';
import { anthropicModels } from '../../../src/server/modelLists.ts';
import { countTokens } from '../../../src/server/countTokens.ts';

const dialect = dialectById('anthropic-messages');

it('counts what Claude Code sends', () => {
  const text = readFileSync('test/fixtures/claude/claude-2.1.330-parallel-tools.json', 'utf8');
  const [first, second] = (JSON.parse(text) as { requests: { body: object }[] }).requests;
  const [before, after] = [first, second].map((request) => countTokens(dialect, request?.body).input_tokens);
  expect(before).toBeGreaterThan(2000);
  expect(Number(after)).toBeGreaterThan(Number(before));
});

it('names the invalid field', () => {
  expect(() => countTokens(dialect, { messages: [] })).toThrow(expect.objectContaining({ kind: 'invalid-request' }));
});

it('lists models as Anthropic does, without duplicates', () => {
  const names = { auto: 'auto' as const, routes: ['think'], presets: ['m'], targets: ['a,m'], models: ['m'] };
  expect(anthropicModels(names, 1_700_000_000)).toEqual({
    data: ['auto', 'think', 'm', 'a,m'].map((id) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: '2023-11-14T22:13:20.000Z',
    })),
    has_more: false,
    first_id: 'auto',
    last_id: 'a,m',
  });
});
