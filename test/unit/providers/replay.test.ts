import { describe, expect, test } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { ChatRequest, JsonObject, Part } from '../../../src/canonical/request.ts';
import { edit, find } from './find.ts';

const call = { id: 'a', type: 'function', function: { name: 'ls', arguments: '{}' } };
const own = { type: 'reasoning.text', format: 'MiniMax-response-v1', index: 0, id: 'x', text: 'why' };
const foreign = { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0, text: 'why', signature: 's' };

const history: JsonObject[] = [
  { role: 'user', content: 'q' },
  { role: 'assistant', content: 'before' },
  { role: 'assistant', content: null, tool_calls: [call], reasoning_content: 'plan' },
  { role: 'tool', tool_call_id: 'a', content: 'r' },
  { role: 'assistant', content: 'lost' },
  { role: 'assistant', content: 'null', reasoning_content: null },
  { role: 'assistant', content: 'blank', reasoning_content: ' ' },
  { role: 'assistant', content: 'other name', reasoning: 'plain' },
  { role: 'assistant', content: 'details', reasoning_details: [foreign] },
];

/** What is left of the reasoning of each assistant message. */
function replayed(name: string, body: JsonObject = {}): unknown[] {
  const { messages } = edit({ name, model: 'm' }, { ...body, messages: history }) as { messages: JsonObject[] };
  return messages.flatMap(({ role, content: _content, tool_calls: _calls, tool_call_id: _id, ...rest }) =>
    role === 'assistant' ? [rest] : [],
  );
}

const content = (text: string): JsonObject => ({ reasoning_content: text });

const made = (text: string, index: number): JsonObject => ({
  reasoning_details: [
    { type: 'reasoning.text', id: `reasoning-text-${index}`, format: 'MiniMax-response-v1', index: 0, text },
  ],
});

describe('reasoning goes back', () => {
  test('required: from the first call on, empty where it was lost', () => {
    expect(replayed('deepseek')).toEqual([
      {},
      content('plan'),
      content(''),
      content(''),
      content(' '),
      content('plain'),
      content('why'),
    ]);
  });

  test('required, but thinking is off', () => {
    expect(replayed('deepseek', { thinking: { type: 'disabled' } })).toEqual([{}, {}, {}, {}, {}, {}, {}]);
    expect(replayed('deepseek', { reasoning_effort: 'none' })).toEqual([{}, {}, {}, {}, {}, {}, {}]);
  });

  test('required, but no tool was called: nothing is made up', () => {
    const messages = [
      { role: 'assistant', content: 'a' },
      { role: 'assistant', content: 'b', reasoning_content: 'c' },
      { role: 'user', content: 'd' },
    ];
    expect(edit({ name: 'deepseek' }, { messages })['messages']).toBe(messages);
  });

  test('real: never a placeholder', () => {
    const expected = [{}, content('plan'), {}, {}, {}, content('plain'), content('why')];
    // The last one has been begun by the client.
    expect(replayed('kimi')).toEqual([...expected.slice(0, -1), { ...content('why'), partial: true }]);
    expect(replayed('zai')).toEqual(expected);
  });

  test('details: its own verbatim, the rest made from the text', () => {
    expect(replayed('minimax')).toEqual([{}, made('plan', 2), {}, {}, {}, made('plain', 7), made('why', 8)]);
    expect(replayed('openrouter')).toEqual([
      {},
      { reasoning: 'plan' },
      {},
      {},
      {},
      { reasoning: 'plain' },
      { reasoning_details: [foreign] },
    ]);
  });

  test('details of its own are the very same', () => {
    const messages = [{ role: 'assistant', content: 'a', reasoning_content: 'why', reasoning_details: [own] }];
    expect(edit({ name: 'minimax' }, { messages })['messages']).toEqual([
      { role: 'assistant', content: 'a', reasoning_details: [own] },
    ]);
    expect(edit({ name: 'openrouter' }, { messages })['messages']).toEqual([
      { role: 'assistant', content: 'a', reasoning: 'why' },
    ]);
  });

  test('none', () => {
    for (const name of ['groq', 'openai', 'mine']) expect(replayed(name)).toEqual([{}, {}, {}, {}, {}, {}, {}]);
  });
});

function request(...assistant: Part[][]): ChatRequest {
  const messages = assistant.map((parts) => ({ role: 'assistant' as const, parts }));
  return createRequest(
    { messages, tools: [], toolChoice: { type: 'auto' }, stream: false, sampling: {} },
    { dialect: 'openai-responses', body: {} },
  );
}

describe('reasoning that another provider signed', () => {
  const text: Part = { type: 'text', text: 'a' };
  const signed: Part = { type: 'reasoning', text: '', proof: { type: 'signature', signature: 's' } };
  const encrypted: Part = { type: 'reasoning', text: 'b', proof: { type: 'encrypted', data: 'e' } };
  const plain: Part = { type: 'reasoning', text: 'c' };

  test.each([
    ['OpenAI', { baseUrl: 'https://api.openai.com/v1', protocol: 'responses' }, encrypted],
    ['Anthropic', { baseUrl: 'https://api.anthropic.com', protocol: 'anthropic' }, signed],
  ] as const)('does not reach %s', (_name, identity, own) => {
    const keep = find(identity).quirks.request;
    const good = request([own, text]);
    expect(keep?.(good)).toBe(good);
    const mixed = keep?.(request([own, signed, encrypted, plain, text], [plain]));
    expect(mixed?.messages.map(({ parts }) => parts)).toEqual([[own, own, text]]);
    expect(mixed?.source).toBeUndefined();
  });
});
