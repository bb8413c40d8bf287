// Requests in each dialect that use everything in which providers differ.

import type { DialectId } from '../../src/canonical/request.ts';
import type { JsonObject } from '../upstream/json.ts';

const parameters = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };
const union = {
  type: 'object',
  properties: {},
  oneOf: [{ $ref: '#/$defs/one' }, { type: 'null' }],
  $defs: { one: parameters },
};
const schema = {
  type: 'object',
  properties: { title: { type: 'string' } },
  required: ['title'],
  additionalProperties: false,
};
const picture = 'data:image/png;base64,iVBORw0KGgo=';
const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

const chatTool = {
  type: 'function',
  function: { name: 'exec_command', description: 'Runs.', strict: true, parameters },
};
const responsesTool = { type: 'function', name: 'exec_command', description: 'Runs.', strict: true, parameters };
const messagesTool = { name: 'exec_command', description: 'Runs.', input_schema: parameters };

const chat = (fields: JsonObject): JsonObject => ({
  messages: [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'Hello', name: 'me' },
  ],
  ...fields,
});

const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] };
const responses = (fields: JsonObject): JsonObject => ({
  instructions: 'Be brief.',
  input: [item],
  store: false,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'thread',
  parallel_tool_calls: true,
  ...fields,
});

const messages = (fields: JsonObject): JsonObject => ({
  max_tokens: 20_000,
  system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
  messages: [{ role: 'user', content: 'Hello' }],
  metadata: { user_id: 'me' },
  ...fields,
});

/** By name. */
export const questions: Record<DialectId, Record<string, JsonObject>> = {
  'openai-chat': {
    text: chat({}),
    everything: chat({
      max_completion_tokens: 1000, temperature: 0.5, top_p: 0.9, stop: ['END'], frequency_penalty: 0, presence_penalty: 0,
      seed: 1, store: false, metadata: { a: 'b' }, verbosity: 'low', service_tier: 'auto', prompt_cache_key: 'k',
      safety_identifier: 'me', user: 'me',
    }), // prettier-ignore
    image: chat({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.' },
            { type: 'image_url', image_url: { url: picture } },
          ],
        },
      ],
    }),
    schema: chat({ response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } } }),
    'schema beside tools': chat({
      tools: [chatTool],
      response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } },
    }),
    json: chat({ response_format: { type: 'json_object' } }),
    tools: chat({ tools: [chatTool], parallel_tool_calls: false }),
    'a union of parameters': chat({ tools: [{ type: 'function', function: { name: 'f', parameters: union } }] }),
    required: chat({ tools: [chatTool], tool_choice: 'required' }),
    'a named tool': chat({ tools: [chatTool], tool_choice: { type: 'function', function: { name: 'exec_command' } } }),
    'no tool': chat({ tools: [chatTool], tool_choice: 'none' }),
    ...Object.fromEntries(efforts.map((effort) => [`effort ${effort}`, chat({ reasoning_effort: effort })])),
    ...Object.fromEntries(
      efforts.map((effort) => [`effort ${effort} beside tools`, chat({ reasoning_effort: effort, tools: [chatTool] })]),
    ),
  },
  'openai-responses': {
    text: responses({}),
    everything: responses({
      max_output_tokens: 1000, temperature: 0.5, top_p: 0.9, metadata: { a: 'b' }, user: 'me', truncation: 'disabled',
      service_tier: 'auto', text: { verbosity: 'low' }, client_metadata: { a: 'b' },
    }), // prettier-ignore
    image: responses({ input: [{ ...item, content: [...item.content, { type: 'input_image', image_url: picture }] }] }),
    schema: responses({ text: { format: { type: 'json_schema', name: 'a', strict: true, schema } } }),
    'schema beside tools': responses({
      tools: [responsesTool],
      text: { format: { type: 'json_schema', name: 'a', strict: true, schema } },
    }),
    tools: responses({ tools: [responsesTool] }),
    'the tools of Codex': responses({
      tools: [
        responsesTool,
        { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
        { type: 'namespace', name: 'mcp', description: '', tools: [{ ...responsesTool, parameters: union }] },
        { type: 'web_search', external_web_access: true },
      ],
    }),
    'a cached search': responses({ tools: [responsesTool, { type: 'web_search', external_web_access: false }] }),
    'tools in the conversation': responses({ input: [{ type: 'additional_tools', tools: [responsesTool] }, item] }),
    required: responses({ tools: [responsesTool], tool_choice: 'required' }),
    'a named tool': responses({ tools: [responsesTool], tool_choice: { type: 'function', name: 'exec_command' } }),
    'no tool': responses({ tools: [responsesTool], tool_choice: 'none' }),
    ...Object.fromEntries(
      efforts.map((effort) => [
        `effort ${effort}`,
        responses({ reasoning: { effort, summary: 'auto' }, tools: [responsesTool] }),
      ]),
    ),
  },
  'anthropic-messages': {
    text: messages({}),
    everything: messages({ temperature: 0.5, top_p: 0.9, top_k: 40, stop_sequences: ['END'] }),
    image: messages({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          ],
        },
      ],
    }),
    tools: messages({ tools: [messagesTool] }),
    'any tool': messages({ tools: [messagesTool], tool_choice: { type: 'any' } }),
    'a named tool': messages({ tools: [messagesTool], tool_choice: { type: 'tool', name: 'exec_command' } }),
    'no tool': messages({ tools: [messagesTool], tool_choice: { type: 'none' } }),
    'a budget': messages({ thinking: { type: 'enabled', budget_tokens: 4000 }, tools: [messagesTool] }),
    ...Object.fromEntries(
      ['low', 'medium', 'high', 'max'].map((effort) => [
        `effort ${effort}`,
        messages({ thinking: { type: 'adaptive' }, output_config: { effort }, tools: [messagesTool] }),
      ]),
    ),
  },
};
