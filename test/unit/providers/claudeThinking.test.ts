import { describe, expect, test } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { anthropicMessages } from '../../../src/dialects/anthropicMessages/index.ts';
import { anthropic } from '../../upstream/providers/anthropic.ts';
import { edit } from './find.ts';

const models = [
  'claude-3-7-sonnet-20250219',
  'claude-opus-4-20250514',
  'claude-haiku-4-5-20251001',
  'claude-sonnet-4-5',
  'claude-opus-4-5',
  'claude-opus-4-6',
  'claude-opus-4-7',
  'claude-sonnet-5',
  'claude-opus-5-5',
  'claude-fable-5-1',
];
const messages = [{ role: 'user', content: 'hi' }];
const tools = [{ name: 'f', input_schema: { type: 'object', properties: {} } }];
const base: JsonObject = { max_tokens: 32_000, messages, tools };

function fit(model: string, body: JsonObject): JsonObject {
  return edit({ name: 'anthropic', protocol: 'anthropic', model }, { ...base, model, ...body });
}

/** The stand-in knows versions by two numbers. */
function standInName(model: string): string {
  const [, major = '', minor = '0'] = /-(\d)(?:-(\d)(?!\d))?/.exec(model) ?? [];
  return `claude-x-${major}-${minor}`;
}

describe.each(models)('%s takes', (model) => {
  test.each<JsonObject>([
    {},
    { thinking: { type: 'disabled' } },
    { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'high' } },
    { thinking: { type: 'adaptive' }, output_config: { effort: 'max' }, max_tokens: 1200 },
    { thinking: { type: 'enabled', budget_tokens: 5000 }, output_config: { effort: 'medium' } },
    { thinking: { type: 'enabled', budget_tokens: 5000 }, temperature: 0.3, top_p: 0.5, top_k: 9 },
    { thinking: { type: 'enabled', budget_tokens: 5000 }, tool_choice: { type: 'any' } },
    { thinking: { type: 'adaptive' }, tool_choice: { type: 'tool', name: 'f' } },
    { output_config: { effort: 'low' }, temperature: 0.3 },
  ])('%j', (body) => {
    const fitted = fit(model, body);
    expect(() => anthropic.check({ ...fitted, model: standInName(model) }, [])).not.toThrow();
  });

  test.each(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const)('the effort %s', (effort) => {
    const request = createRequest({
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
      tools: [],
      toolChoice: { type: 'auto' },
      stream: true,
      sampling: {},
      reasoning: { effort },
    });
    const fitted = fit(model, { tools: undefined, ...anthropicMessages.writeRequest(request, model) });
    expect(() => anthropic.check({ ...fitted, model: standInName(model) }, [])).not.toThrow();
  });
});

test('each model gets what was asked for in its own form', () => {
  const asked = {
    thinking: { type: 'enabled', budget_tokens: 16_000, display: 'summarized' },
    output_config: { effort: 'xhigh' },
  };
  expect(fit('claude-opus-4-7', asked)).toMatchObject({
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'xhigh' },
  });
  expect(fit('claude-sonnet-4-5', asked)).not.toHaveProperty('output_config');
  expect(fit('claude-sonnet-4-5', asked)['thinking']).toEqual(asked.thinking);
  expect(fit('claude-opus-4-7', { thinking: { type: 'enabled', budget_tokens: 4000 } })['output_config']).toEqual({
    effort: 'low',
  });
  expect(
    fit('claude-sonnet-4-5', { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } })['thinking'],
  ).toEqual({
    type: 'enabled',
    budget_tokens: 4096,
  });
});

test('a model that always thinks thinks least, and chooses its tools itself', () => {
  const { thinking, output_config, tool_choice } = fit('claude-opus-5-5', {
    thinking: { type: 'disabled' },
    tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
  });
  expect({ thinking, output_config, tool_choice }).toEqual({
    thinking: undefined,
    output_config: { effort: 'low' },
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  });
});

test('a turn that another model began continues without a budget', () => {
  const turn = (...content: object[]) => [
    ...messages,
    { role: 'assistant', content: [...content, { type: 'tool_use', id: 'a', name: 'f', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
  ];
  const thinking = { type: 'enabled', budget_tokens: 2000 };
  const signed = { type: 'thinking', thinking: '', signature: 'S' };
  expect(fit('claude-sonnet-4-5', { thinking, messages: turn() })).not.toHaveProperty('thinking');
  expect(fit('claude-sonnet-4-5', { thinking, messages: turn(signed) })).toHaveProperty('thinking');
  expect(fit('claude-opus-4-7', { thinking, messages: turn() })).toHaveProperty('thinking');
  // A loop is one turn: what counts is how it began.
  const loop = (...begun: object[]) => [...turn(...begun), ...turn().slice(1)];
  expect(fit('claude-sonnet-4-5', { thinking, messages: loop(signed) })).toHaveProperty('thinking');
  expect(fit('claude-sonnet-4-5', { thinking, messages: loop() })).not.toHaveProperty('thinking');
});

test('a name without a version is not changed', () => {
  const body = { ...base, model: 'claude-next', thinking: { type: 'enabled', budget_tokens: 9 }, temperature: 0.1 };
  expect(edit({ name: 'anthropic', protocol: 'anthropic', model: 'claude-next' }, body)).toBe(body);
});
