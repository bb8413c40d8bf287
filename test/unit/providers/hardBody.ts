import type { JsonObject } from '../../../src/canonical/request.ts';

export const shell = {
  type: 'function',
  function: {
    name: 'shell',
    strict: true,
    parameters: { type: 'object', properties: {}, additionalProperties: false },
  },
};
export const call = { id: 'functions.shell:0', type: 'function', function: { name: 'shell', arguments: '{}' } };

/** Everything that some provider refuses, as a Chat client of OpenAI's may send it. */
export const hardBody: JsonObject = {
  model: 'm',
  stream: true,
  stream_options: { include_usage: true },
  max_completion_tokens: 200_000,
  temperature: 0,
  top_p: 0.9,
  seed: 1,
  store: false,
  metadata: { a: 'b' },
  verbosity: 'low',
  service_tier: 'auto',
  prompt_cache_key: 'k',
  frequency_penalty: 0,
  presence_penalty: 0,
  logit_bias: {},
  reasoning_effort: 'medium',
  tool_choice: 'required',
  parallel_tool_calls: true,
  response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } },
  tools: [shell],
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'developer', content: 'Use tools.' },
    { role: 'user', content: 'hi', name: 'me' },
    { role: 'assistant', content: 'Hello.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'look' },
        { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
      ],
    },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: call.id, content: 'ok' },
    { role: 'developer', content: 'Careful now.' },
    { role: 'assistant', content: 'Done.', reasoning_content: 'I thought.' },
    { role: 'user', content: 'more' },
  ],
};
