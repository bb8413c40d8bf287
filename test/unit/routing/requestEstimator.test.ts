import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { ChatRequest, Message, Part, Tool } from '../../../src/canonical/request.ts';
import { createRequestEstimator } from '../../../src/routing/requestEstimator.ts';
import { estimateRequest, measureText } from '../../../src/routing/tokens.ts';

const requestOf = (messages: Message[], tools: Tool[] = []): ChatRequest =>
  createRequest({ messages, tools, toolChoice: { type: 'auto' }, stream: true, sampling: {} });
const say = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] });

/** An estimator, and the texts that it measured. */
function counting() {
  const measured: string[] = [];
  const text = (each: string) => {
    measured.push(each);
    return measureText(each);
  };
  const estimator = createRequestEstimator({ text, json: (json) => text(JSON.stringify(json)) });
  return { estimator, measured };
}

const conversation = (turns: number): Message[] => [
  say('system', 'You are a coding agent.'),
  ...Array.from({ length: turns }, (_, turn): Message[] => [
    say('user', `Question ${turn} ${'and so on '.repeat(turn + 3)}`),
    {
      role: 'assistant',
      parts: [{ type: 'tool-call', id: `c${turn}`, name: 'Read', kind: 'function', input: `{"line":${turn}}` }],
    },
    {
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          callId: `c${turn}`,
          kind: 'function',
          isError: false,
          parts: [{ type: 'text', text: `在每個請求中 ${'x'.repeat(turn)}` }],
        },
      ],
    },
  ]).flat(),
];
const tools: Tool[] = [
  { kind: 'function', name: 'Read', description: 'Reads a file', parameters: { type: 'object' } },
  { kind: 'hosted', name: 'web_search', dialect: 'openai-responses', json: { type: 'web_search' } },
];

describe('the estimate of a conversation', () => {
  it('is that of each request as a whole, turn after turn', () => {
    const { estimator } = counting();
    for (let turns = 1; turns < 12; turns++) {
      const request = requestOf(conversation(turns), tools);
      expect(estimator.estimate('t', request)).toEqual(estimateRequest(request));
      // The same request again, as for a retry.
      expect(estimator.estimate('t', request)).toEqual(estimateRequest(request));
    }
  });

  it('measures only what is new, and the newest messages before it', () => {
    const { estimator, measured } = counting();
    estimator.estimate('t', requestOf(conversation(20), tools));
    measured.length = 0;
    estimator.estimate('t', requestOf(conversation(21), tools));
    expect(measured.length).toBeLessThanOrEqual(2 * 7);
    expect(measured.some((text) => text.startsWith('Question 20'))).toBe(true);
    expect(measured.some((text) => text.startsWith('Question 5'))).toBe(false);
    expect(measured.some((text) => text.includes('Reads a file'))).toBe(false);
  });

  it.each<[string, (messages: Message[]) => Message[]]>([
    [
      'compacted',
      (messages) => [say('system', 'You are a coding agent.'), say('user', 'Summary'), ...messages.slice(-6)],
    ],
    ['changed in its middle', (messages) => messages.with(10, say('user', 'Something else'))],
    ['shortened', (messages) => messages.slice(0, 20)],
    ['shortened by a message', (messages) => messages.slice(0, -1)],
    [
      'changed at its end',
      (messages) => messages.with(messages.length - 2, say('user', 'A reminder that comes and goes')),
    ],
    ['another one', () => [say('user', 'Hi')]],
    ['without any', () => []],
  ])('is right for one that is %s, and for what follows', (_, change) => {
    const { estimator } = counting();
    const before = conversation(12);
    estimator.estimate('t', requestOf(before, tools));
    const changed = change(before);
    for (const messages of [changed, [...changed, say('assistant', 'Done.'), say('user', 'Thanks')], before]) {
      const request = requestOf(messages, tools);
      expect(estimator.estimate('t', request)).toEqual(estimateRequest(request));
    }
  });

  it('measures other tools, and knows the conversation and its tools after a side request', () => {
    const { estimator, measured } = counting();
    estimator.estimate('t', requestOf(conversation(12), tools));
    const others: Tool[] = [{ kind: 'custom', name: 'apply_patch', description: 'Edits files' }];
    const request = requestOf(conversation(12), others);
    expect(estimator.estimate('t', request)).toEqual(estimateRequest(request));
    estimator.estimate('t', requestOf(conversation(12), tools));
    estimator.estimate('t', requestOf([say('user', 'A title, please')]));
    measured.length = 0;
    estimator.estimate('t', requestOf(conversation(12), tools));
    expect(measured.length).toBeLessThan(10);
  });

  it('keeps threads apart', () => {
    const { estimator, measured } = counting();
    estimator.estimate('a', requestOf(conversation(12)));
    measured.length = 0;
    estimator.estimate('b', requestOf(conversation(12)));
    expect(measured.length).toBeGreaterThan(40);
  });
});

describe('the parts of an estimate', () => {
  it('counts Chinese, Japanese and Korean as such, also in tools', () => {
    const cjk = '在每個請求中';
    const request = requestOf(
      [say('user', `Hello ${cjk}`)],
      [{ kind: 'function', name: 'f', description: cjk, parameters: {} }],
    );
    expect(estimateRequest(request).cjk).toBe(2 * measureText(cjk).tokens);
    expect(estimateRequest(requestOf([say('user', 'Hello')])).cjk).toBe(0);
  });

  it.each<[string, Part]>([
    ['an image', { type: 'image', url: 'data:,' }],
    ['a file', { type: 'file', fileId: 'f' }],
    ['audio', { type: 'audio', data: '', format: 'wav' }],
    [
      'what its dialect alone understands',
      { type: 'native', dialect: 'openai-responses', json: { type: 'compaction' } },
    ],
  ])('says that %s is guessed, also in the result of a tool', (_, part) => {
    const { guessed, messages } = estimateRequest(requestOf([{ role: 'user', parts: [part] }]));
    expect(guessed).toBeGreaterThan(0);
    expect(guessed).toBeLessThan(messages);
    const result: Part = { type: 'tool-result', callId: 'c', kind: 'function', isError: false, parts: [part] };
    expect(estimateRequest(requestOf([{ role: 'tool', parts: [result] }])).guessed).toBe(guessed);
  });
});
