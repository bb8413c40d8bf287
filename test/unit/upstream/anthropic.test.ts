import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../upstream/json.ts';
import { anthropic } from '../../upstream/providers/anthropic.ts';

const hello = { role: 'user', content: 'hello' };
const use = (id: string, more: object = {}) => ({ type: 'tool_use', id, name: 'f', input: {}, ...more });
const result = (id: string, more: object = {}) => ({ type: 'tool_result', tool_use_id: id, content: 'x', ...more });
const turn = (...content: object[]) => ({ role: 'assistant', content });
const user = (...content: object[]) => ({ role: 'user', content });
const text = (words: string) => ({ type: 'text', text: words });
const tools = [{ name: 'f', input_schema: { type: 'object' } }];
const signed = { type: 'thinking', thinking: 'Hm.', signature: 'S' };
const sent = [{ turn: { reasoning: 'Hm.', text: '', calls: [] }, callIds: [], proof: 'S' }];

const check = (body: JsonObject, model = 'claude-sonnet-4-5') =>
  anthropic.check({ model, max_tokens: 4000, messages: [hello], ...body }, sent);

describe('Anthropic’s stand-in refuses', () => {
  test.each<[string, JsonObject, string]>([
    ['an unknown field', { n: 1 }, 'n: Extra inputs are not permitted'],
    ['no limit', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['nothing said', { messages: [] }, 'at least one message'],
    ['a first word of the assistant', { messages: [turn(text('x')), hello] }, 'first message must use the "user" role'],
    ['two of one role', { messages: [hello, hello] }, 'roles must alternate'],
    ['a strange role', { messages: [{ role: 'tool', content: 'x' }] }, 'messages.0.role'],
    ['the system first', { messages: [{ role: 'system', content: 'x' }, hello] }, 'a system message'],
    ['an empty text', { messages: [user(text(' '))] }, 'text content blocks must be non-empty'],
    ['an empty message', { messages: [user()] }, 'non-empty content'],
    ['an empty system block', { system: [text('')] }, 'text content blocks must be non-empty'],
    ['white space at the end', { messages: [hello, turn(text('x '))] }, 'trailing whitespace'],
    [
      'a call without result',
      { tools, messages: [hello, turn(use('a')), user(text('x'))] },
      'without `tool_result` blocks',
    ],
    ['a call at the end', { tools, messages: [hello, turn(use('a'))] }, 'without `tool_result` blocks'],
    [
      'a result behind words',
      { tools, messages: [hello, turn(use('a')), user(text('x'), result('a'))] },
      'without `tool_result` blocks',
    ],
    [
      'a result of nothing',
      { tools, messages: [hello, turn(text('x')), user(result('a'))] },
      'unexpected `tool_use_id`',
    ],
    [
      'the same id twice',
      { tools, messages: [hello, turn(use('a')), user(result('a')), turn(use('a')), user(result('a'))] },
      'ids must be unique',
    ],
    [
      'an id of other letters',
      { tools, messages: [hello, turn(use('a.b')), user(result('a.b'))] },
      'should match pattern',
    ],
    [
      'input that is no object',
      { tools, messages: [hello, turn(use('a', { input: '{}' })), user(result('a'))] },
      'valid dictionary',
    ],
    ['calls of no tool', { messages: [hello, turn(use('a')), user(result('a'))] }, 'must define tools'],
    ['a choice among nothing', { tool_choice: { type: 'auto' } }, 'tool_choice may only'],
    ['a tool without schema', { tools: [{ name: 'f' }] }, 'input_schema'],
    [
      'an image beside an error',
      { tools, messages: [hello, turn(use('a')), user(result('a', { is_error: true, content: [{ type: 'image' }] }))] },
      'must be type `text`',
    ],
    [
      'thinking that it did not sign',
      { messages: [hello, turn({ ...signed, signature: '' }, text('x')), hello] },
      'Invalid `signature`',
    ],
    [
      'thinking that was changed',
      { messages: [hello, turn({ ...signed, thinking: 'Ha' }, text('x')), hello] },
      'Invalid `signature`',
    ],
    ['a budget above the limit', { thinking: { type: 'enabled', budget_tokens: 4000 } }, 'must be greater than'],
    ['a small budget', { thinking: { type: 'enabled', budget_tokens: 9 } }, 'greater than or equal to 1024'],
    [
      'temperature beside thinking',
      { temperature: 0.5, thinking: { type: 'enabled', budget_tokens: 2000 } },
      'may only be set to 1',
    ],
    [
      'a forced tool beside thinking',
      { tools, tool_choice: { type: 'any' }, thinking: { type: 'enabled', budget_tokens: 2000 } },
      'Thinking may not be enabled',
    ],
    [
      'a turn that begins without thinking',
      {
        tools,
        thinking: { type: 'enabled', budget_tokens: 2000 },
        messages: [hello, turn(use('a')), user(result('a'))],
      },
      'Expected `thinking`',
    ],
    [
      'five cache marks',
      { system: Array.from({ length: 5 }, () => ({ ...text('x'), cache_control: {} })) },
      'A maximum of 4',
    ],
  ])('%s', (_what, body, message) => {
    expect(() => check(body)).toThrow(message);
  });

  test('what another model takes', () => {
    const enabled = { thinking: { type: 'enabled', budget_tokens: 2000 } };
    const adaptive = { thinking: { type: 'adaptive' } };
    expect(() => check(enabled, 'claude-opus-4-7')).toThrow('"thinking.type.enabled" is not supported');
    expect(() => check(adaptive, 'claude-sonnet-4-5')).toThrow('thinking:');
    expect(() => check({ temperature: 0.5 }, 'claude-sonnet-5-5')).toThrow('temperature');
    expect(() => [check(enabled), check(adaptive, 'claude-opus-4-7'), check(enabled, 'claude-x-4-6')]).not.toThrow();
  });
});

test('and takes a good conversation', () => {
  const messages = [
    hello,
    { role: 'system', content: 'note' },
    turn(signed, text('x'), use('a')),
    user(result('a'), text('y')),
  ];
  expect(() => check({ tools, messages, thinking: { type: 'enabled', budget_tokens: 2000 } })).not.toThrow();
});
