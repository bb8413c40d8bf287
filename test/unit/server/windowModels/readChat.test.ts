import { describe, expect, it } from 'vitest';
import { readModelRequest } from '../../../../src/server/windowModels/readChat.ts';

const read = (messages: object[], more: object = {}) => readModelRequest({ model: 'v/m', messages, ...more });
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
      const { tools: offered, mustCallTool } = read([], { tools, tool_choice: choice });
      return [offered, mustCallTool];
    };
    const offered = [{ name: 't', description: '', inputSchema }];
    expect(of()).toEqual([offered, false]);
    expect(of('auto')).toEqual([offered, false]);
    expect(of('required')).toEqual([offered, true]);
    expect(of({ type: 'function', function: { name: 't' } })).toEqual([offered, true]);
    expect(of('none')).toEqual([[], false]);
  });

  it('passes on the options that models know, and whether to stream', () => {
    expect(read([], { temperature: 0.5, max_tokens: 9, user: 'me', stream: true })).toMatchObject({
      options: { temperature: 0.5, max_tokens: 9 },
      stream: true,
    });
    expect(read([]).options).toEqual({});
  });

  it.each([undefined, {}, { model: 'm' }, { model: '', messages: [] }, { model: 'm', messages: [{}] }])(
    'is refused where it is another body: %j',
    (body) => expect(() => readModelRequest(body)).toThrow(),
  );
});
