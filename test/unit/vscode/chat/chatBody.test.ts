import { describe, expect, it } from 'vitest';
import { chatBody, measuredParts, type ChatMessage } from '../../../../src/vscode/chat/chatBody.ts';

const bodyOf = (...messages: ChatMessage[]) =>
  chatBody({ model: 'm', messages, tools: [], mustCallTool: false, modelOptions: {} });
const png = { data: new Uint8Array([1, 2, 3]), mimeType: 'image/png' };

describe('a request of VS Code’s chat', () => {
  it('has texts, images, calls and their results', () => {
    const { messages } = bodyOf(
      { role: 'user', content: [{ value: 'Look: ' }, png] },
      { role: 'assistant', content: [{ value: 'I read.' }, { callId: 'c1', name: 'read', input: { path: 'a' } }] },
      { role: 'user', content: [{ value: 'And?' }, { callId: 'c1', content: [{ value: 'the text' }, png] }] },
    );
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } };
    expect(messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Look: ' }, image] },
      {
        role: 'assistant',
        content: 'I read.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{"path":"a"}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'the text(an image, which follows)' },
      { role: 'user', content: [image, { type: 'text', text: 'And?' }] },
    ]);
  });

  it('leaves out marks of a cache, and messages with nothing else', () => {
    const mark = { data: new Uint8Array([1]), mimeType: 'cache_control' };
    expect(
      bodyOf({ role: 'user', content: [mark] }, { role: 'assistant', content: [mark, null, 7] })['messages'],
    ).toEqual([]);
  });

  it('has tools, and the options that the API knows', () => {
    const tools = [{ name: 't', description: 'd' }];
    const modelOptions = { temperature: 0.5, model: 'other', secret: 1 };
    expect(chatBody({ model: 'm', messages: [], tools, mustCallTool: true, modelOptions })).toEqual({
      model: 'm',
      stream: true,
      temperature: 0.5,
      messages: [],
      tool_choice: 'required',
      tools: [
        { type: 'function', function: { name: 't', description: 'd', parameters: { type: 'object', properties: {} } } },
      ],
    });
  });

  it('is counted by all that the model reads as text', () => {
    const call = { callId: 'c', name: 'read', input: { a: 1 } };
    const content = [{ value: 'x' }, png, call, { callId: 'c', content: [{ value: 'y' }, png] }];
    const texts = ['x', 'read', '{"a":1}', 'y(an image, which follows)'];
    expect(measuredParts(content)).toEqual({ texts, images: 2 });
  });
});
