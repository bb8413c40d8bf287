import { developerWords, imageUrl, userWords, type ScriptedTurn } from './script.ts';
import type { Json } from '../matrix/answer.ts';
import type { Asked } from '../../support/gatewayBench.ts';

/** A client that sends all of its conversation each time, with what came back as its real model does. */
export type LoopClient = {
  name: string;
  ask(): Asked;
  /** Takes a streamed answer, and the results of its calls; without calls the user says what is next. */
  take(text: string, turn: ScriptedTurn): void;
};

const shellParameters = {
  type: 'object',
  properties: { command: { type: 'string' } },
  additionalProperties: false,
};

function eventsIn(text: string): Json[] {
  return [...text.matchAll(/^data: (\{.*)$/gm)].map((match) => JSON.parse(match[1] ?? '') as Json);
}

/** Codex 0.169: items of `output_item.done` verbatim, calls before their outputs (clients-wire.md §3). */
export function codex(): LoopClient {
  const user = (text: string): Json => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
  const words = [...userWords];
  const input: Json[] = [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: developerWords }] },
    user(words.shift() ?? ''),
  ];
  return {
    name: 'Codex',
    ask: () => ({
      dialect: 'openai-responses',
      client: 'codex',
      headers: { 'thread-id': 'thread-1' },
      body: structuredClone({
        model: 'asked-model',
        input,
        tools: [
          { type: 'function', name: 'shell', description: 'Runs.', parameters: shellParameters, strict: false },
          {
            type: 'custom',
            name: 'apply_patch',
            description: 'Edits.',
            format: { type: 'grammar', syntax: 'lark', definition: 'x' },
          },
          {
            type: 'namespace',
            name: 'agents',
            description: 'Agents.',
            tools: [{ type: 'function', name: 'spawn', parameters: shellParameters }],
          },
          { type: 'web_search' },
        ],
        tool_choice: 'auto',
        parallel_tool_calls: true,
        reasoning: { effort: 'high', summary: 'auto' },
        store: false,
        stream: true,
        include: ['reasoning.encrypted_content'],
        prompt_cache_key: 'thread-1',
      }),
    }),
    take(text, { results }) {
      const items = eventsIn(text).flatMap((event) =>
        event['type'] === 'response.output_item.done' ? [event['item'] as Json] : [],
      );
      input.push(...items.map(({ status: _, ...item }) => item));
      const calls = items.filter((item) => 'call_id' in item);
      for (const [index, call] of calls.entries()) {
        const { text: output = '', image = false } = results[index] ?? {};
        input.push({
          type: call['type'] === 'custom_tool_call' ? 'custom_tool_call_output' : 'function_call_output',
          call_id: call['call_id'],
          output: image
            ? [
                { type: 'input_text', text: output },
                { type: 'input_image', image_url: imageUrl },
              ]
            : output,
        });
      }
      if (calls.length === 0) input.push(user(words.shift() ?? ''));
    },
  };
}

/** A chat client: with `verbatim` it sends back all that it got, else it drops what OpenAI's own API does not have. */
export function chat(verbatim: boolean): LoopClient {
  const words = [...userWords];
  const messages: Json[] = [
    { role: 'system', content: developerWords },
    { role: 'user', content: words.shift() },
  ];
  const tool = (name: string, parameters: object): object => ({
    type: 'function',
    function: { name, description: 'Runs.', parameters },
  });
  return {
    name: verbatim ? 'a chat client that keeps reasoning' : 'a chat client that drops reasoning',
    ask: () => ({
      dialect: 'openai-chat',
      body: structuredClone({
        model: 'asked-model',
        messages,
        tools: [
          tool('shell', shellParameters),
          tool('apply_patch', { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] }),
        ],
        reasoning_effort: 'high',
        stream: true,
      }),
    }),
    take(text, { results }) {
      const deltas = eventsIn(text).flatMap((event) =>
        (event['choices'] ?? []).map((choice: Json) => choice['delta'] as Json),
      );
      const said = (field: string): string => deltas.map((delta) => delta[field] ?? '').join('');
      const calls: Json[] = [];
      for (const { index, id, function: called } of deltas.flatMap((delta) => (delta['tool_calls'] ?? []) as Json[])) {
        if (id) calls[index] = { id, type: 'function', function: { name: called['name'], arguments: '' } };
        (calls[index] as Json)['function']['arguments'] += called['arguments'] ?? '';
      }
      messages.push({
        role: 'assistant',
        content: said('content') || null,
        ...(verbatim && said('reasoning_content') && { reasoning_content: said('reasoning_content') }),
        ...(calls.length > 0 && { tool_calls: calls }),
      });
      for (const [index, call] of calls.entries())
        messages.push({ role: 'tool', tool_call_id: call['id'], content: results[index]?.text ?? '' });
      if (calls.length === 0) messages.push({ role: 'user', content: words.shift() ?? '' });
    },
  };
}

/**
 * Claude Code 2.1.330 (test/fixtures/claude): blocks verbatim, a system message behind the first user's, and the cache mark
 * on the last block alone, so that it moves on, and a text that had it turns from a block into a string.
 */
export function claude(): LoopClient {
  const words = [...userWords];
  const messages: Json[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Reminder.' },
        { type: 'text', text: words.shift() },
      ],
    },
    { role: 'system', content: 'Environment: Linux.' },
  ];
  let requests = 0;
  return {
    name: 'Claude Code',
    ask: () => ({
      dialect: 'anthropic-messages',
      client: 'claude-code',
      body: {
        model: 'asked-model',
        max_tokens: 32_000,
        system: [
          { type: 'text', text: `x-anthropic-billing-header: cc_version=2.1.330; cch=${++requests};` },
          { type: 'text', text: developerWords, cache_control: { type: 'ephemeral' } },
        ],
        messages: markLast(structuredClone(messages)),
        tools: [
          { name: 'shell', description: 'Runs.', input_schema: shellParameters },
          {
            name: 'apply_patch',
            description: 'Edits.',
            input_schema: { type: 'object', properties: { input: { type: 'string' } } },
          },
        ],
        metadata: { user_id: '{"session_id":"1"}' },
        thinking: { type: 'adaptive' },
        output_config: { effort: 'high' },
        stream: true,
      },
    }),
    take(text, { results }) {
      const content = blocksIn(eventsIn(text));
      messages.push({ role: 'assistant', content });
      const calls = content.filter((block) => block['type'] === 'tool_use');
      const answers = calls.map((call, index) => {
        const { text: said = '', isError = false, image = false } = results[index] ?? {};
        const source = { type: 'base64', media_type: 'image/png', data: imageUrl.split(',')[1] };
        return {
          tool_use_id: call['id'],
          type: 'tool_result',
          content: image
            ? [
                { type: 'text', text: said },
                { type: 'image', source },
              ]
            : said,
          is_error: isError,
        };
      });
      messages.push({ role: 'user', content: answers.length > 0 ? answers : (words.shift() ?? '') });
    },
  };
}

function markLast(messages: Json[]): Json[] {
  const last = messages.at(-1) ?? {};
  const blocks =
    typeof last['content'] === 'string' ? [{ type: 'text', text: last['content'] }] : (last['content'] as Json[]);
  const marked = blocks.map((block, index) =>
    index === blocks.length - 1 ? { ...block, cache_control: { type: 'ephemeral' } } : block,
  );
  return [...messages.slice(0, -1), { ...last, content: marked }];
}

function blocksIn(events: Json[]): Json[] {
  const blocks: Json[] = [];
  const inputs: string[] = [];
  for (const { type, index, content_block: begun, delta } of events) {
    if (type === 'content_block_start') {
      blocks[index] = { ...begun };
      inputs[index] = '';
    }
    const block = blocks[index] ?? {};
    if (type === 'content_block_stop' && inputs[index]) block['input'] = JSON.parse(inputs[index]) as unknown;
    if (type !== 'content_block_delta') continue;
    if (delta['partial_json']) inputs[index] += delta['partial_json'];
    for (const field of ['text', 'thinking', 'signature']) if (delta[field]) block[field] += delta[field];
  }
  return blocks;
}
