import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../../src/canonical/events.ts';
import type { JsonObject, Part, Proof } from '../../../../src/canonical/request.ts';
import { anthropicMessages } from '../../../../src/dialects/anthropicMessages/index.ts';
import { exampleTurn, makeContext, readEvents, request, toReply, writeEvents } from './support.ts';
import { testSealer } from '../../../support/testSealer.ts';

/** The message content that a client assembles from our events. */
function contentOf(events: StreamEvent[]): JsonObject[] {
  const blocks: (JsonObject & { json?: string })[] = [];
  for (const event of readEvents(writeEvents(events))) {
    const index = Number(event['index']);
    if (event.type === 'content_block_start') blocks[index] = { ...(event['content_block'] as JsonObject) };
    const block = blocks[index];
    if (event.type !== 'content_block_delta' || !block) continue;
    const delta = event['delta'] as Record<string, string>;
    if (delta['text'] !== undefined) block['text'] = `${String(block['text'])}${delta['text']}`;
    if (delta['thinking'] !== undefined) block['thinking'] = `${String(block['thinking'])}${delta['thinking']}`;
    if (delta['signature'] !== undefined) block['signature'] = delta['signature'];
    if (delta['partial_json'] !== undefined) block.json = (block.json ?? '') + delta['partial_json'];
  }
  return blocks.map(({ json, ...block }) =>
    json === undefined ? block : { ...block, input: JSON.parse(json) as unknown },
  );
}

/** The assistant's parts as read from the next request, in which the client sends our message back. */
function echo(events: StreamEvent[]): Part[] | undefined {
  const messages = [
    { role: 'user', content: 'x' },
    { role: 'assistant', content: contentOf(events) },
  ];
  return anthropicMessages.readRequest({ messages }, testSealer).messages[1]?.parts;
}

const reasoning = (text: string, proof?: Proof): StreamEvent[] => [
  { type: 'block-start', index: 0, block: { type: 'reasoning' } },
  ...(text ? [{ type: 'block-delta' as const, index: 0, text }] : []),
  { type: 'block-end', index: 0, proof },
];

describe('a message that the client sends back', () => {
  it('has the same parts', () => {
    expect(echo(exampleTurn)).toEqual([
      { type: 'reasoning', text: 'Let me think: 漢字 🙂.\n', proof: { type: 'signature', signature: 'EqQB+/=' } },
      { type: 'text', text: 'I will run both.' },
      { type: 'tool-call', kind: 'function', id: 'toolu_a', name: 'Bash', input: '{"command":"ls"}' },
      { type: 'tool-call', kind: 'function', id: 'functions.Bash:1', name: 'Bash', input: '{"command":"pwd"}' },
    ]);
  });

  it.each([
    { type: 'encrypted', data: 'gAAAAAB=' },
    { type: 'signature', signature: 'Eo8C+/=' },
    { type: 'details', details: [{ type: 'reasoning.text', text: ' 漢字 🙂 ', index: 0 }] },
  ] satisfies Proof[])('with its $type proof', (proof) => {
    expect(echo(reasoning('Hm.', proof))).toEqual([{ type: 'reasoning', text: 'Hm.', proof }]);
    expect(echo(reasoning('', proof))).toEqual([{ type: 'reasoning', text: '', proof }]);
  });

  it('keeps thinking that only the provider can read', () => {
    const proof = { type: 'redacted' as const, data: 'EmwK' };
    expect(echo(reasoning('', proof))).toEqual([{ type: 'reasoning', text: '', proof }]);
  });

  it.each(['  leading', 'trailing \n\n', 'a\n\nb', '<think>"\\\u2028</think>', '🙂'])(
    'with the text %j verbatim',
    (text) => {
      expect(echo(reasoning(text))).toEqual([{ type: 'reasoning', text }]);
    },
  );
});

describe('a reply that is not streamed', () => {
  const deltas = anthropicMessages.readReply({
    id: 'msg_1',
    type: 'message',
    model: 'real',
    content: [
      { type: 'thinking', thinking: 'Hm.', signature: 'S' },
      { type: 'redacted_thinking', data: 'R' },
      { type: 'text', text: 'Hi.', citations: null },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 10, output_tokens: 3, cache_read_input_tokens: 5, cache_creation_input_tokens: null },
  });

  it('is read', () => {
    expect(deltas.at(-1)).toEqual({ type: 'done' });
    expect(toReply(deltas)).toEqual({
      blocks: [
        { type: 'reasoning', text: 'Hm.', proof: { type: 'signature', signature: 'S' } },
        { type: 'reasoning', text: '', proof: { type: 'redacted', data: 'R' } },
        { type: 'text', text: 'Hi.' },
        {
          type: 'native',
          dialect: 'anthropic-messages',
          text: '',
          json: { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
        },
        { type: 'tool-call', kind: 'function', id: 'toolu_1', name: 'f', text: '{"a":1}' },
      ],
      finish: 'tool-calls',
      usage: { inputTokens: 15, outputTokens: 3, cacheReadTokens: 5 },
    });
  });

  it('is written unchanged', () => {
    expect(anthropicMessages.writeReply(toReply(deltas), makeContext())).toEqual({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'some-model',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'S' },
        { type: 'redacted_thinking', data: 'R' },
        { type: 'text', text: 'Hi.' },
        { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 3, cache_read_input_tokens: 5, cache_creation_input_tokens: 0 },
    });
  });

  it('keeps its citations and stop sequence', () => {
    const citations = [{ type: 'char_location', cited_text: 'Hi', document_index: 0 }];
    const body = {
      content: [{ type: 'text', text: 'Hi.', citations }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
    };
    expect(anthropicMessages.writeReply(toReply(anthropicMessages.readReply(body)), makeContext())).toMatchObject(body);
  });

  it('leaves out empty blocks and keeps invalid input', () => {
    const blocks = [
      { type: 'text' as const, text: '' },
      { type: 'reasoning' as const, text: '' },
      { type: 'tool-call' as const, kind: 'function' as const, id: '', name: 'f', text: '{"cut' },
    ];
    expect(anthropicMessages.writeReply({ blocks, finish: 'length' }, makeContext())).toMatchObject({
      content: [{ type: 'tool_use', id: 'toolu_1', input: '{"cut' }],
      stop_reason: 'max_tokens',
    });
  });

  it.each([
    [{ type: 'error', error: { type: 'overloaded_error', message: 'x' } }, 'overloaded'],
    [{ content: 'x' }, 'protocol'],
    [{}, 'protocol'],
    ['text', 'protocol'],
    [null, 'protocol'],
  ])('%j is an error', (body, kind) => {
    expect(anthropicMessages.readReply(body)).toMatchObject([{ type: 'error', error: { kind } }]);
  });

  it('that filled the context is an error only if it is empty', () => {
    const reply = (content: object[]) =>
      anthropicMessages.readReply({ content, stop_reason: 'model_context_window_exceeded' });
    expect(reply([]).at(-1)).toMatchObject({ type: 'error', error: { kind: 'context-length' } });
    expect(reply([{ type: 'text', text: 'x' }])).toContainEqual(
      expect.objectContaining({ type: 'finish', reason: 'length' }),
    );
  });
});

it('writing and reading a request returns the same request', () => {
  const written = anthropicMessages.writeRequest(
    request([
      { role: 'system', parts: [{ type: 'text', text: 's', cacheControl: { type: 'ephemeral' } }] },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'x' },
          { type: 'image', url: 'data:image/png;base64,AAA=' },
        ],
      },
      { role: 'assistant', parts: echo(exampleTurn)?.slice(0, 3) ?? [] },
      {
        role: 'tool',
        parts: [
          {
            type: 'tool-result',
            callId: 'toolu_a',
            kind: 'function',
            isError: true,
            parts: [{ type: 'text', text: 'no' }],
          },
        ],
      },
    ]),
    'm',
  );
  const { messages } = anthropicMessages.readRequest(written, testSealer);
  expect(anthropicMessages.writeRequest(request(messages), 'm')).toEqual(written);
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
});
