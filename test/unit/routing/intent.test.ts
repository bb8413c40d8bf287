import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRequest, editRequest } from '../../../src/canonical/editRequest.ts';
import type { ChatFields, ChatRequest, Message, Part, Tool } from '../../../src/canonical/request.ts';
import { readRequest } from '../../../src/dialects/anthropicMessages/request.ts';
import { readIntent, type Intent } from '../../../src/routing/intent.ts';
import { testSealer } from '../../support/testSealer.ts';

function intentOf(fields: Partial<ChatFields>, headers: Record<string, string> = {}): Intent {
  const base: ChatFields = { messages: [], tools: [], toolChoice: { type: 'auto' }, stream: false, sampling: {} };
  return readIntent({ headers, request: createRequest({ ...base, ...fields }), hasSearchTag: false });
}

const text = (role: Message['role'], words: string): Message => ({ role, parts: [{ type: 'text', text: words }] });
const image: Part = { type: 'image', url: 'data:image/png;base64,AA==' };
const call: Message = {
  role: 'assistant',
  parts: [{ type: 'tool-call', id: 'c', name: 'Read', kind: 'function', input: '{}' }],
};
const result = (...parts: Part[]): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', callId: 'c', kind: 'function', isError: false, parts }],
});

describe('the intent of a request', () => {
  it('is a plain turn without any sign', () => {
    expect(intentOf({ messages: [text('user', 'Hi')] })).toEqual({
      class: 'main',
      searchesWeb: false,
      hasImage: false,
      thinks: false,
    });
  });

  it.each([
    [{ effort: 'high' }, true],
    [{ effort: 'max' }, true],
    [{ budgetTokens: 2048 }, true],
    [{ budgetTokens: 1 }, true],
    [{ budgetTokens: 0 }, false],
    [{ effort: 'low', budgetTokens: 2048 }, true],
    [{ effort: 'medium' }, false],
    [{ effort: 'none', budgetTokens: 2048 }, false],
    [{ isOn: true }, true],
    [{ summary: 'auto' }, false],
    [undefined, false],
  ] as const)('with the reasoning %j, thinks: %s', (reasoning, thinks) => {
    expect(intentOf({ reasoning }).thinks).toBe(thinks);
  });

  it.each<[string, Message[], boolean]>([
    ['in the newest message', [{ role: 'user', parts: [image] }], true],
    ['before the calls of the same turn', [{ role: 'user', parts: [image] }, call, result()], true],
    ['beside text', [{ role: 'user', parts: [{ type: 'text', text: 'Look' }, image] }], true],
    ['beside the text of a result', [text('user', 'Look'), call, result({ type: 'text', text: 'Read' }, image)], true],
    ['in an earlier message of the user', [{ role: 'user', parts: [image] }, text('user', 'Thanks')], false],
    ['in a result of a tool', [text('user', 'Look'), call, result(image)], true],
    [
      'in a result before what the client adds',
      [text('user', 'Look'), call, result(image), text('user', '<note>')],
      true,
    ],
    ['before a system message', [{ role: 'user', parts: [image] }, text('system', 'Environment')], true],
    [
      'in an earlier turn',
      [{ role: 'user', parts: [image] }, text('assistant', 'A cat'), text('user', 'Thanks')],
      false,
    ],
  ])('has an image %s', (_, messages, hasImage) => {
    expect(intentOf({ messages }).hasImage).toBe(hasImage);
  });

  it.each([
    ['Codex', 'You are performing a CONTEXT CHECKPOINT COMPACTION. Create a handoff summary.'],
    [
      'Claude Code',
      'CRITICAL: Respond with TEXT ONLY.\n\nYour task is to create a detailed summary of the conversation.',
    ],
  ])('is a compaction by the words of %s, in the newest message of the user only', (_, words) => {
    expect(intentOf({ messages: [text('user', words)] }).class).toBe('compaction');
    expect(intentOf({ messages: [text('user', words), text('assistant', 'Summary')] }).class).toBe('main');
    expect(intentOf({ messages: [text('user', 'Hi'), call, result({ type: 'text', text: words })] }).class).toBe(
      'main',
    );
  });

  it('is a compaction also beside an image, and before what clients add for the system', () => {
    const words = 'Your task is to create a detailed summary of the conversation.';
    const message: Message = { role: 'user', parts: [image, { type: 'text', text: words }] };
    expect(intentOf({ messages: [message] }).class).toBe('compaction');
    for (const role of ['system', 'developer'] as const)
      expect(intentOf({ messages: [message, text(role, 'Environment')] }).class).toBe('compaction');
    expect(intentOf({ messages: [{ role: 'user', parts: [image] }] }).class).toBe('main');
  });

  it('is a compaction if the endpoint says so, whatever the client says', () => {
    const headers = { 'x-claude-code-request-class': 'main' };
    expect(intentOf({ messages: [text('user', 'Hi')], compaction: true }, headers).class).toBe('compaction');
  });

  it('is what the client says, before what the request looks like', () => {
    const messages = [text('user', 'Your task is to create a detailed summary of the tests')];
    expect(intentOf({ messages }, { 'x-claude-code-request-class': 'main' }).class).toBe('main');
  });

  describe('of Claude Code without hint headers', () => {
    const file = 'test/fixtures/claude/claude-2.1.330-terminal.json';
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as {
      requests: { headers: Record<string, string>; body: unknown }[];
    };
    const classes = (change: (request: ChatRequest) => ChatRequest = (request) => request) =>
      recorded.requests.map(({ headers, body }) => {
        const request = change(readRequest(body, testSealer));
        return readIntent({ headers, request, hasSearchTag: false }).class;
      });

    it('is auxiliary for a title and for a name, with and without a schema for the answer', () => {
      expect(classes()).toEqual(['auxiliary', 'main', 'auxiliary', 'auxiliary', 'auxiliary']);
    });

    it('is a turn with tools, and for other clients', () => {
      const tools: Tool[] = [{ kind: 'function', name: 'Read', parameters: {} }];
      expect(classes((request) => editRequest(request, { tools }))).toEqual(Array(5).fill('main'));
      const [title] = recorded.requests;
      const request = readRequest(title?.body, testSealer);
      expect(readIntent({ headers: {}, request, hasSearchTag: false }).class).toBe('main');
    });

    it('is a turn if a user quotes in the middle of a conversation, or in another way', () => {
      const headers = { 'x-claude-code-session-id': 's' };
      const quoted = text('user', '<session>\nHi\n</session>');
      expect(intentOf({ messages: [quoted] }, headers).class).toBe('auxiliary');
      expect(intentOf({ messages: [text('user', 'Hi'), text('assistant', 'Hi'), quoted] }, headers).class).toBe('main');
      expect(intentOf({ messages: [text('user', 'What is <session>?')] }, headers).class).toBe('main');
      expect(intentOf({ messages: [{ role: 'user', parts: [image] }] }, headers).class).toBe('main');
    });
  });

  it('searches the web if that hosted tool is required, but not if another one is', () => {
    const toolChoice = { type: 'required' } as const;
    const hosted = (name: string) =>
      [{ kind: 'hosted', name, dialect: 'openai-responses', json: { type: name } }] as const;
    expect(intentOf({ tools: [...hosted('web_search')], toolChoice }).searchesWeb).toBe(true);
    expect(intentOf({ tools: [...hosted('web_search')] }).searchesWeb).toBe(false);
    expect(intentOf({ tools: [...hosted('tool_search')], toolChoice }).searchesWeb).toBe(false);
  });
});
