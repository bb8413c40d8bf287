import { expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/canonical/request.ts';
import { conversationThread } from '../../../src/gateway/conversationThread.ts';

const said = (role: 'user' | 'assistant', text: string) => ({ role, parts: [{ type: 'text' as const, text }] });
const request = (...messages: ReturnType<typeof said>[]) => ({ messages }) as unknown as ChatRequest;

it.each(['id:planted-session-of-a-customer', 'cache:planted-cache-key', 'first:planted'])(
  'what files and Redis keep of %s is a hash, the same for each turn',
  (thread) => {
    const first = conversationThread(thread, request(said('user', 'Hello')));
    const second = conversationThread(
      thread,
      request(said('user', 'Hello'), said('assistant', 'Hi'), said('user', 'And')),
    );
    expect(second.before).toBe(first.now);
    for (const name of [first.now, second.before, second.now]) expect(name).toMatch(/^[\w-]{22}$/);
  },
);
