import { describe, expect, it } from 'vitest';
import { readModelRequest } from '../../../../src/server/windowModels/readChat.ts';

const read = (messages: object[], more: object = {}) => readModelRequest({ model: 'v/m', messages, ...more });
const hello = [{ role: 'user', content: 'Hello' }];
const call = (id: string, text: string) => ({ id, type: 'function', function: { name: 'read', arguments: text } });

describe("a request for VS Code's API", () => {
  it('has two roles, with texts, images, calls and results', () => {
    const { messages } = read([
      { role: 'user', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
          { type: 'image_url', image_url: { url: 'https://host.test/a.png' } },
        ],
      },
      { role: 'assistant', content: null, tool_calls: [call('1', '{"a":1}'), call('2', 'not JSON')] },
      { role: 'tool', tool_call_id: '1', content: 'one' },
      { role: 'tool', tool_call_id: '2', content: [{ type: 'text', text: 'two' }] },
      { role: 'user', content: '' },
    ]);
    expect(messages).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'Look' },
          { type: 'image', data: Buffer.from([1, 2, 3]), mimeType: 'image/png' },
          { type: 'text', text: '(an image at https://host.test/a.png)' },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'call', id: '1', name: 'read', input: { a: 1 } },
          { type: 'call', id: '2', name: 'read', input: { input: 'not JSON' } },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'result', id: '1', text: 'one' },
          { type: 'result', id: '2', text: 'two' },
        ],
      },
    ]);
  });

  it('has tools, unless the client forbids them, and knows whether one must be called', () => {
    const tools = [{ type: 'function', function: { name: 't' } }];
    const inputSchema = { type: 'object', properties: {} };
    const of = (choice?: unknown) => {
      const { tools: offered, mustCallTool } = read(hello, { tools, tool_choice: choice });
      return [offered, mustCallTool];
    };
    const offered = [{ name: 't', description: '', inputSchema }];
    expect(of()).toEqual([offered, false]);
    expect(of('auto')).toEqual([offered, false]);
    expect(of('required')).toEqual([offered, true]);
    expect(of({ type: 'function', function: { name: 't' } })).toEqual([offered, true]);
    expect(of('none')).toEqual([[], false]);
  });

  it('takes what clients of the API really send: older calls, flat tools, parts that VS Code has no place for', () => {
    const { messages, tools } = read(
      [
        { role: 'developer', content: 'Be brief.' },
        { role: 'assistant', content: null, function_call: { name: 'read', arguments: { path: 'a' } } },
        { role: 'function', name: 'read', content: 'one' },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }], reasoning_content: 'hm' },
        {
          role: 'user',
          content: [
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' } },
            { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
            { type: 'image_url', image_url: 'data:image/png;base64,AQID' },
            { type: 'video_url', video_url: {} },
          ],
        },
      ],
      {
        tools: [
          { type: 'function', name: 'flat', parameters: { type: 'object' } },
          { type: 'custom', custom: { name: 'patch' } },
          { type: 'web_search' },
        ],
        stop: 'END',
      },
    );
    expect(messages).toMatchObject([
      { role: 'user', parts: [{ text: 'Be brief.' }] },
      { role: 'assistant', parts: [{ type: 'call', name: 'read', input: { path: 'a' } }] },
      { role: 'user', parts: [{ type: 'result', text: 'one' }] },
      { role: 'assistant', parts: [{ type: 'text', text: 'No.' }] },
      {
        role: 'user',
        parts: [
          { text: '(the file a.pdf)' },
          { text: '(a recording)' },
          { type: 'image', mimeType: 'image/png' },
          { text: expect.stringContaining('video_url') as string },
        ],
      },
    ]);
    expect(tools).toMatchObject([
      { name: 'flat', inputSchema: { type: 'object' } },
      { name: 'patch', inputSchema: { properties: { input: { type: 'string' } } } },
    ]);
  });

  it('keeps the images of results beside them', () => {
    const { messages } = read([
      { role: 'assistant', content: null, tool_calls: [call('1', '{}'), call('2', '{}')] },
      {
        role: 'tool',
        tool_call_id: '1',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
        ],
      },
      { role: 'tool', tool_call_id: '2', content: 'two' },
    ]);
    expect(messages[1]?.parts).toMatchObject([
      { type: 'result', id: '1', text: 'see' },
      { type: 'image' },
      { type: 'result', id: '2', text: 'two' },
    ]);
  });

  it('passes on the options that models know, and whether to stream', () => {
    expect(read(hello, { temperature: 0.5, max_tokens: 9, user: 'me', stream: true })).toMatchObject({
      options: { temperature: 0.5, max_tokens: 9 },
      stream: true,
    });
    expect(read(hello).options).toEqual({});
  });

  it.each([undefined, {}, { model: 'm' }, { model: '', messages: [] }, { model: 'm', messages: [{}] }])(
    'is refused where it is another body: %j',
    (body) => expect(() => readModelRequest(body)).toThrow(),
  );
});
