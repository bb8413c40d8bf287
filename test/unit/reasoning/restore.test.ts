import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRequest, editRequest } from '../../../src/canonical/editRequest.ts';
import type { ChatRequest, Message, Part, ReasoningPart } from '../../../src/canonical/request.ts';
import type { ReasoningMemory } from '../../../src/reasoning/history.ts';
import { conversationKey } from '../../../src/reasoning/conversation.ts';
import { restoreReasoning } from '../../../src/reasoning/restore.ts';
import { assistant, call, memoryOf, reasoning, text, toolCall, words } from './turns.ts';

const user = (value: string): Message => ({ role: 'user', parts: [text(value)] });

function request(...messages: Message[]): ChatRequest {
  return createRequest(
    { messages, tools: [], toolChoice: { type: 'auto' }, stream: true, sampling: {} },
    { dialect: 'openai-chat', body: {} },
  );
}

function restore(memory: ReasoningMemory, ...messages: Message[]): ChatRequest {
  return restoreReasoning(request(...messages), 'openai-chat', (...turn) => memory.recall('id:c', ...turn));
}

function reasoningOf({ messages }: ChatRequest): (string | undefined)[] {
  return messages
    .filter(({ role }) => role === 'assistant')
    .map(({ parts }) => parts.find((part) => part.type === 'reasoning')?.text);
}

describe('restoreReasoning', () => {
  test('the whole of reasoning of which the client kept a part, but not over what the client wrote itself', () => {
    const memory = memoryOf([reasoning('I need the tool.'), words('so')]);
    const fragment = assistant({ type: 'reasoning', text: ' tool.' }, text('so'));
    expect(reasoningOf(restore(memory, user('?'), fragment))).toEqual(['I need the tool.']);
    const changed = assistant({ type: 'reasoning', text: 'I need a hammer.' }, text('so'));
    expect(reasoningOf(restore(memory, user('?'), changed))).toEqual(['I need a hammer.']);
  });

  test('not where the provider keeps it itself, and the client only names it', () => {
    const memory = memoryOf([reasoning('why'), words('so')]);
    const named: Part = { type: 'native', dialect: 'openai-responses', json: {}, isReasoning: true };
    const given = request(user('?'), assistant(named, text('so')));
    const recall: Parameters<typeof restoreReasoning>[2] = (...turn) => memory.recall('id:c', ...turn);
    expect(restoreReasoning(given, 'openai-responses', recall)).toBe(given);
    expect(reasoningOf(restoreReasoning(given, 'openai-chat', recall))).toEqual(['why']);
  });

  test('the same request when there is nothing to add', () => {
    const memory = memoryOf([reasoning('why'), words('so')]);
    const given = request(
      user('?'),
      assistant({ type: 'reasoning', text: 'mine' }, text('so')),
      assistant(text('unknown')),
    );
    expect(restoreReasoning(given, 'openai-chat', (...turn) => memory.recall('id:c', ...turn))).toBe(given);
  });

  test('what was dropped comes back, and source goes', () => {
    const restored = restore(memoryOf([reasoning('why'), words('so')]), user('?'), assistant(text('so')), user('and?'));
    expect(restored.messages).toEqual([
      user('?'),
      assistant({ type: 'reasoning', text: 'why' }, text('so')),
      user('and?'),
    ]);
    expect(restored.source).toBeUndefined();
  });

  test('an empty reasoning part counts as none', () => {
    const restored = restore(
      memoryOf([reasoning('why'), words('so')]),
      assistant({ type: 'reasoning', text: '' }, text('so')),
    );
    expect(restored.messages).toEqual([assistant({ type: 'reasoning', text: 'why' }, text('so'))]);
  });

  test('a Chat client sends the text back, but not its proof', () => {
    const proof: ReasoningPart['proof'] = { type: 'details', details: [{ type: 'reasoning.text', text: 'why' }] };
    const memory = memoryOf([{ type: 'reasoning', text: 'why', proof }, words('so')]);
    expect(restore(memory, assistant({ type: 'reasoning', text: 'why' }, text('so'))).messages[0]?.parts[0]).toEqual({
      type: 'reasoning',
      text: 'why',
      proof,
    });
    expect(restore(memory, assistant({ type: 'reasoning', text: 'edited' }, text('so'))).messages[0]?.parts[0]).toEqual(
      { type: 'reasoning', text: 'edited' },
    );
  });

  test('equal turns each get their own, the newest for certain', () => {
    const turns = ['first', 'second', 'third'].map((name) => [reasoning(name), words('ok')]);
    const replies = [assistant(text('ok')), assistant(text('ok')), assistant(text('ok'))];
    expect(reasoningOf(restore(memoryOf(...turns), ...replies))).toEqual(['first', 'second', 'third']);
    expect(reasoningOf(restore(memoryOf(...turns.slice(1)), ...replies))).toEqual([undefined, 'second', 'third']);
  });

  test('Codex 0.80 sends the text of a turn apart from its calls', () => {
    const { messages } = lastChatRequest('codex-0.80-chat');
    const memory = memoryOf([
      reasoning('I create a file.'),
      words('Creating a file.'),
      toolCall('call_00_00000000000000000002', '{"command": ["bash","-lc","echo hello-from-shell > shell.txt"]}'),
    ]);
    expect(reasoningOf(restore(memory, ...messages))).toEqual(['I create a file.', undefined, undefined]);
  });
});

describe('conversationKey', () => {
  const first = request(user('hello'));
  test('in order of trust', () => {
    const all = editRequest(first, { metadata: { session_id: 'm' }, cacheKey: 'k' });
    expect(conversationKey(all, 'header')).toBe('id:header');
    expect(conversationKey(all)).toBe('id:m');
    expect(conversationKey(editRequest(first, { cacheKey: 'k' }))).toBe('cache:k');
    expect(conversationKey(editRequest(first, { metadata: { user_id: 'me' } }))).toBe(conversationKey(first));
    expect(conversationKey(editRequest(first, { metadata: { user_id: 'user_1_session_2' } }))).toBe(
      'id:user_1_session_2',
    );
  });

  test('the first user message stays the key while the conversation grows', () => {
    const later = request({ role: 'system', parts: [text('now')] }, user('hello'), assistant(text('hi')), user('more'));
    expect(conversationKey(later)).toBe(conversationKey(first));
    expect(conversationKey(request(user('other')))).not.toBe(conversationKey(first));
  });
});

type ChatMessage = {
  role: Message['role'];
  content: string | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
};

/** As the Chat reader would, without anything that this test does not need. */
function lastChatRequest(name: string): { messages: Message[] } {
  const fixture = JSON.parse(readFileSync(new URL(`../../fixtures/codex/${name}.json`, import.meta.url), 'utf8')) as {
    requests: { body: { messages: ChatMessage[] } }[];
  };
  const messages = fixture.requests.at(-1)?.body.messages ?? [];
  return {
    messages: messages.map(({ role, content, tool_calls = [] }) => ({
      role,
      parts: [
        ...(content === null ? [] : [text(content)]),
        ...tool_calls.map(({ id, function: { name, arguments: input } }) => call(id, input, name)),
      ],
    })),
  };
}
