import { describe, expect, it } from 'vitest';
import type { Part } from '../../../../src/canonical/request.ts';
import { readRequest } from '../../../../src/dialects/openaiChat/request.ts';

function partsOf(message: object): Part[] | undefined {
  return readRequest({ messages: [message] }).messages[0]?.parts;
}

describe('messages', () => {
  it('reads each message into one message', () => {
    const roles = ['system', 'developer', 'user', 'assistant', 'user'];
    expect(readRequest({ messages: roles.map((role) => ({ role, content: role })) }).messages).toEqual(
      roles.map((role) => ({ role, parts: [{ type: 'text', text: role }] })),
    );
  });

  it.each<[unknown, Part[]]>([
    [null, []],
    [undefined, []],
    ['', []],
    ['Hi', [{ type: 'text', text: 'Hi' }]],
    [
      [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }],
      [{ type: 'text', text: 'a', cacheControl: { type: 'ephemeral' } }],
    ],
    [
      [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } }],
      [{ type: 'image', url: 'data:image/png;base64,AA', detail: 'low' }],
    ],
    [[{ type: 'image_url', image_url: { url: 'https://x/y.png' } }], [{ type: 'image', url: 'https://x/y.png' }]],
    [[{ type: 'image_url', image_url: 'https://x/y.png' }], [{ type: 'image', url: 'https://x/y.png' }]],
    [
      [{ type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } }],
      [{ type: 'audio', data: 'AA', format: 'wav' }],
    ],
    [
      [{ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA' } }],
      [{ type: 'file', filename: 'a.pdf', data: 'data:application/pdf;base64,AA' }],
    ],
    [[{ type: 'file', file: { file_id: 'f' } }], [{ type: 'file', fileId: 'f' }]],
    [
      [{ type: 'video_url', video_url: { url: 'u' } }],
      [
        {
          type: 'native',
          dialect: 'openai-chat',
          json: { type: 'video_url', video_url: { url: 'u' } },
          textForOtherDialects: '[video_url omitted: this API does not support it]',
        },
      ],
    ],
  ])('reads the content %j', (content, parts) => {
    expect(partsOf({ role: 'user', content })).toEqual(parts);
  });

  it.each<[string, object, Part[]]>([
    [
      'reasoning_content',
      { content: 'a', reasoning_content: 'Hm' },
      [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'a' },
      ],
    ],
    [
      'reasoning',
      { content: 'a', reasoning: 'Hm' },
      [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'a' },
      ],
    ],
    [
      'reasoning_details',
      { content: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 's' }] },
      [
        {
          type: 'reasoning',
          text: 'Hm',
          proof: { type: 'details', details: [{ type: 'reasoning.text', text: 'Hm', signature: 's' }] },
        },
        { type: 'text', text: 'a' },
      ],
    ],
    [
      'thinking parts',
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }], closed: true },
        ],
      },
      [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'a' },
      ],
    ],
    ['empty reasoning', { content: 'a', reasoning_content: '', reasoning_details: [] }, [{ type: 'text', text: 'a' }]],
    ['refusal', { content: null, refusal: 'No.' }, [{ type: 'refusal', text: 'No.' }]],
    ['refusal part', { content: [{ type: 'refusal', refusal: 'No.' }] }, [{ type: 'refusal', text: 'No.' }]],
    [
      'calls',
      { content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }] },
      [{ type: 'tool-call', id: 'a', kind: 'function', name: 'f', input: '{"x":1}' }],
    ],
    [
      'a call with bad arguments',
      { tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x' } }] },
      [{ type: 'tool-call', id: 'a', kind: 'function', name: 'f', input: '{"x' }],
    ],
    [
      'a call without arguments',
      { tool_calls: [{ id: 'a', function: { name: 'f' } }] },
      [{ type: 'tool-call', id: 'a', kind: 'function', name: 'f', input: '' }],
    ],
    [
      'a custom call',
      { tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'p', input: '*** Begin' } }] },
      [{ type: 'tool-call', id: 'a', kind: 'custom', name: 'p', input: '*** Begin' }],
    ],
  ])('reads an assistant with %s', (_, message, parts) => {
    expect(partsOf({ role: 'assistant', ...message })).toEqual(parts);
  });

  it('gives a result the kind of its call', () => {
    const { messages } = readRequest({
      messages: [
        {
          role: 'assistant',
          tool_calls: [
            { id: 'a', type: 'custom', custom: { name: 'p', input: '' } },
            { id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'A' },
        { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'B' }] },
        { role: 'tool', tool_call_id: 'z', content: null },
      ],
    });
    expect(messages.slice(1)).toEqual([
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', callId: 'a', kind: 'custom', isError: false, parts: [{ type: 'text', text: 'A' }] },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', callId: 'b', kind: 'function', isError: false, parts: [{ type: 'text', text: 'B' }] },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'z', kind: 'function', isError: false, parts: [] }] },
    ]);
  });

  it('gives legacy function calls an id that matches their result', () => {
    const call = { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } };
    const { messages } = readRequest({
      messages: [
        call,
        { role: 'function', name: 'f', content: '1' },
        call,
        { role: 'function', name: 'f', content: '2' },
      ],
    });
    const ids = messages.flatMap(({ parts }) =>
      parts.flatMap((part) =>
        part.type === 'tool-call' ? [part.id] : part.type === 'tool-result' ? [part.callId] : [],
      ),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(ids[0]).not.toBe(ids[2]);
  });
});
