// Turns as the tests of the memory write them.

import type { ReplyBlock } from '../../../src/canonical/events.ts';
import type { Message, Part } from '../../../src/canonical/request.ts';
import { createReasoningMemory, type ReasoningMemory } from '../../../src/reasoning/history.ts';

export const reasoning = (text: string): ReplyBlock => ({ type: 'reasoning', text });
export const words = (text: string): ReplyBlock => ({ type: 'text', text });
export const toolCall = (id: string, input: string, name = 'shell'): ReplyBlock => ({
  type: 'tool-call',
  id,
  name,
  kind: 'function',
  text: input,
});

export const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });
export const text = (value: string): Part => ({ type: 'text', text: value });
export const call = (id: string, input: string, name = 'shell'): Part => ({
  type: 'tool-call',
  id,
  name,
  kind: 'function',
  input,
});
export function memoryOf(...turns: ReplyBlock[][]): ReasoningMemory {
  const memory = createReasoningMemory({ maxTurns: 100, maxBytes: 1_000_000 });
  for (const turn of turns) memory.remember('c', turn);
  return memory;
}
