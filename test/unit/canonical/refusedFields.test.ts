import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describePath, readUnknownFields, withoutField } from '../../../src/canonical/refusedFields.ts';

const sent = {
  model: 'm',
  max_tokens: 100,
  context_management: { edits: [] },
  service_tier: 'auto',
  metadata: { secret_field: 1 },
  reasoning: { effort: 'high', summary: 'auto' },
  text: { verbosity: 'low' },
  system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', scope: 'global' } }],
  tools: [
    { name: 'a', input_schema: { type: 'object', properties: { strict: {} } }, strict: true, defer_loading: true },
    { type: 'function', function: { name: 'b', parameters: {}, strict: true } },
  ],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] },
    { role: 'assistant', content: 'x', reasoning_content: 'Hm.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'a', input: { strict: 1 }, caller: {} }] },
  ],
  presence_penalty: 1,
  thinking: { type: 'enabled' },
};

function read(message: string, more: object = {}): string[] {
  return readUnknownFields({ status: 400, message, ...more }, sent).map(describePath);
}

describe('a field that a provider does not know', () => {
  it.each([
    ['context_management: Extra inputs are not permitted', ['context_management']],
    ['tools.0.custom.defer_loading: Extra inputs are not permitted', ['tools[].defer_loading']],
    ['tools.0.custom.strict: Extra inputs are not permitted', ['tools[].strict']],
    ['system.0.cache_control.ephemeral.scope: Extra inputs are not permitted', ['system[].cache_control.scope']],
    ['messages.2.content.0.tool_use.caller: Extra inputs are not permitted', ['messages[].content[].caller']],
    ['body.service_tier: Extra inputs are not permitted; body.text: Extra inputs are not permitted', ['service_tier']],
    ["Extra inputs are not permitted, field: 'service_tier', value: 'auto'", ['service_tier']],
    [
      "[{'type': 'extra_forbidden', 'loc': ('body', 'service_tier'), 'msg': 'Extra inputs are not permitted'}]",
      ['service_tier'],
    ],
    ['Unrecognized request argument supplied: service_tier', ['service_tier']],
    [
      'Unrecognized request arguments supplied: service_tier, context_management',
      ['service_tier', 'context_management'],
    ],
    ["Unknown parameter: 'service_tier'.", ['service_tier']],
    ["Unknown parameter: 'text.verbosity'.", ['text.verbosity']],
    ["Unknown parameter: 'tools[1].function.strict'.", ['tools[].function.strict']],
    ["Unsupported parameter: 'reasoning.summary' is not supported with this model.", []],
    ["Unsupported parameter: 'service_tier' is not supported with this model.", ['service_tier']],
    [
      'Failed to deserialize the JSON body into the target type: unknown field `service_tier`, expected one of `model`, `messages`',
      ['service_tier'],
    ],
    ['json: unknown field "service_tier"', ['service_tier']],
    ["property 'service_tier' is unsupported", ['service_tier']],
    [
      "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]",
      ['messages[].reasoning_content'],
    ],
    ['Argument not supported: service_tier', ['service_tier']],
    ['Argument not supported on this model: presencePenalty', ['presence_penalty']],
    ['Model grok-4 does not support parameter presencePenalty.', ['presence_penalty']],
    [
      'Malformed input request: #: extraneous key [service_tier] is not permitted, please reformat your input and try again.',
      ['service_tier'],
    ],
    ['#/tools/0: extraneous key [defer_loading] is not permitted', ['tools[].defer_loading']],
    [
      "Additional properties are not allowed ('service_tier', 'context_management' were unexpected)",
      ['service_tier', 'context_management'],
    ],
    ["Unrecognized key(s) in object: 'service_tier'", ['service_tier']],
    [
      'Invalid JSON payload received. Unknown name "strict" at \'tools[1].function\': Cannot find field.',
      ['tools[].function.strict'],
    ],
    ["create() got an unexpected keyword argument 'service_tier'", ['service_tier']],
    ['The parameter `service_tier` is not supported', ['service_tier']],
    ['unknown field `defer_loading`', ['tools[].defer_loading']],
    ['unknown field `strict`', ['tools[].strict', 'tools[].function.strict']],
    ['unknown field `thinking`', ['thinking']],
  ])('is found in: %s', (message, paths) => {
    expect(read(message)).toEqual(paths);
  });

  it('is found in the param of an error that has a code', () => {
    const more = { code: 'unknown_parameter', param: 'service_tier' };
    expect(read('No.', more)).toEqual(['service_tier']);
    expect(read('No.', { ...more, code: 'other' })).toEqual([]);
  });

  it.each([
    'messages: Extra inputs are not permitted',
    "Unknown parameter: 'input'.",
    'tools.0.custom.input_schema: Extra inputs are not permitted',
    'tools.0.input_schema.properties.strict: Extra inputs are not permitted',
    'messages.2.content.0.tool_use.input.strict: Extra inputs are not permitted',
    'messages.0.content.0.text: Extra inputs are not permitted',
    "Unknown parameter: 'model'",
    "Unknown parameter: 'stream'",
    'unknown field `tools`',
    'unknown field `not_there`',
    'unknown field `secret_field`',
    'Unknown model: m',
    'The model does not support images.',
  ])('is not what carries the conversation, nor what was not sent: %s', (message) => {
    expect(read(message)).toEqual([]);
  });

  it('is left out of a copy, wherever it is', () => {
    const edited = withoutField(sent, ['tools', '*', 'strict']);
    expect(edited['tools']).toEqual([{ ...sent.tools[0], strict: undefined }, sent.tools[1]]);
    expect(sent.tools[0]).toHaveProperty('strict');
    expect(withoutField(sent, ['tools', '*', 'other'])).toBe(sent);
    expect(withoutField({ text: { verbosity: 'low' } }, ['text', 'verbosity'])).toEqual({});
  });

  it('is never messages, input, tools, model, system, instructions or stream, whatever is said', () => {
    const kept = ['messages', 'tools', 'model', 'system'] as const;
    const words = fc.constantFrom('Unknown parameter: ', 'unknown field `', 'Unsupported parameter: \'', '#/', '.', '[0]', "'", '`', ': Extra inputs are not permitted', ...kept, 'content', 'role', ...Object.keys(sent)); // prettier-ignore
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const paths = readUnknownFields({ status: 400, message: parts.join('') }, sent);
        const body = paths.reduce(withoutField, sent as Record<string, unknown>);
        for (const name of kept) expect(body).toHaveProperty(name);
        const messages = body['messages'] as Record<string, unknown>[];
        expect(messages.map(({ role, content }) => [role, typeof content])).toEqual(
          sent.messages.map(({ role, content }) => [role, typeof content]),
        );
      }),
    );
  });
});
