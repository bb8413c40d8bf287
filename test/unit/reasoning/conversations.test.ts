import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { ReplyBlock } from '../../../src/canonical/events.ts';
import type { ChatRequest, Message } from '../../../src/canonical/request.ts';
import { conversationKey } from '../../../src/reasoning/conversation.ts';
import type { ReasoningMemory } from '../../../src/reasoning/history.ts';
import { lineagesOf } from '../../../src/reasoning/lineage.ts';
import { restoreReasoning } from '../../../src/reasoning/restore.ts';
import { assistant, call, memoryWith, reasoning, text, toolCall, words } from './turns.ts';

// Conversations side by side in one memory, as the gateway uses it: none gets what was thought in another.

/** `with` calls have ids of their own, `zero` ones the same in every turn, as some providers send them. */
type Step = { says: string; calls: 'none' | 'own' | 'zero' };
type Conversation = { name: string; first: string; id?: string | undefined; messages: Message[]; own: string[] };

function begin(name: string, first: string, id?: string): Conversation {
  return { name, first, id, own: [], messages: [{ role: 'user', parts: [text(first)] }] };
}

function requestOf({ messages }: Conversation): ChatRequest {
  return createRequest({ messages, tools: [], toolChoice: { type: 'auto' }, stream: false, sampling: {} });
}

/** One turn: the model thinks and answers, and the client drops what it thought. */
function take(conversation: Conversation, { says, calls }: Step, memory: ReasoningMemory): void {
  const request = requestOf(conversation);
  const thought = `${conversation.name} thinks ${conversation.own.length}`;
  const id = calls === 'zero' ? 'call_0' : `call_${conversation.name}_${conversation.own.length}`;
  const blocks: ReplyBlock[] = [reasoning(thought), calls === 'none' ? words(says) : toolCall(id, `{"a":"${says}"}`)];
  memory.remember(
    conversationKey(request, conversation.id),
    blocks,
    lineagesOf(request.messages)(request.messages.length),
  );
  conversation.own.push(thought);
  conversation.messages.push(assistant(calls === 'none' ? text(says) : call(id, `{"a":"${says}"}`)), {
    role: 'user',
    parts: [text('go on')],
  });
}

/** What each of its turns gets back. */
function restored(conversation: Conversation, memory: ReasoningMemory): (string | undefined)[] {
  const request = requestOf(conversation);
  const key = conversationKey(request, conversation.id);
  return restoreReasoning(request, 'openai-chat', (...turn) => memory.recall(key, ...turn))
    .messages.filter(({ role }) => role === 'assistant')
    .map(({ parts }) => parts.find((part) => part.type === 'reasoning')?.text);
}

function together(steps: Step[], ids: [string?, string?]): [Conversation, Conversation, ReasoningMemory] {
  const memory = memoryWith();
  const both = [begin('A', 'Do it.', ids[0]), begin('B', 'Do it.', ids[1])] as const;
  for (const step of steps) for (const conversation of both) take(conversation, step, memory);
  return [...both, memory];
}

describe('two conversations with the same beginning and the same text', () => {
  const spoken: Step[] = [
    { says: 'ok', calls: 'none' },
    { says: 'ok', calls: 'none' },
  ];
  const called: Step[] = [
    { says: 'ls', calls: 'own' },
    { says: 'ls', calls: 'own' },
  ];

  test.each([
    ['spoken', spoken],
    ['called', called],
  ])('each get their own by the client’s ids: %s', (_name, steps) => {
    const [a, b, memory] = together(steps, ['1', '2']);
    expect([restored(a, memory), restored(b, memory)]).toEqual([a.own, b.own]);
  });

  test('get their own reasoning by call ids', () => {
    const [a, b, memory] = together(called, []);
    expect([restored(a, memory), restored(b, memory)]).toEqual([a.own, b.own]);
  });

  test('get none without distinct call ids', () => {
    const [a, b, memory] = together(spoken, []);
    expect([restored(a, memory), restored(b, memory)]).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  test('get their own reasoning after they diverge', () => {
    const memory = memoryWith();
    const [a, b] = [begin('A', 'Do it.'), begin('B', 'Do it.')];
    take(a, { says: 'one', calls: 'none' }, memory);
    take(b, { says: 'two', calls: 'none' }, memory);
    for (const conversation of [a, b]) take(conversation, { says: 'done', calls: 'none' }, memory);
    expect([restored(a, memory), restored(b, memory)]).toEqual([a.own, b.own]);
  });

  test('the one that is known only does not lend it to the other', () => {
    const memory = memoryWith();
    const [a, b] = [begin('A', 'Do it.'), begin('B', 'Do it.')];
    take(a, { says: 'one', calls: 'none' }, memory);
    take(a, { says: 'done', calls: 'none' }, memory);
    take(b, { says: 'two', calls: 'none' }, memoryWith());
    take(b, { says: 'done', calls: 'none' }, memoryWith());
    expect([restored(a, memory), restored(b, memory)]).toEqual([a.own, [undefined, undefined]]);
  });
});

test('one that says the same for long gets each its own, and lends none to its twin', () => {
  const memory = memoryWith();
  const [a, b] = [begin('A', 'Do it.'), begin('B', 'Do it.')];
  for (let turn = 0; turn < 20; turn++) take(a, { says: 'wait', calls: 'zero' }, memory);
  expect(restored(a, memory)).toEqual(a.own);
  take(b, { says: 'wait', calls: 'zero' }, memory);
  expect(restored(b, memory)).toEqual([undefined]);
});

test('a conversation that went back a turn has the reasoning of the turns that are left', () => {
  const memory = memoryWith();
  const conversation = begin('A', 'Do it.', '1');
  for (let turn = 0; turn < 3; turn++) take(conversation, { says: 'ok', calls: 'zero' }, memory);
  const back = { ...conversation, messages: conversation.messages.slice(0, 5) };
  expect(restored(back, memory)).toEqual(conversation.own.slice(0, 2));
});

describe('any conversations', () => {
  const step = fc.record({
    who: fc.nat(3),
    says: fc.constantFrom('ok', 'ls', 'done'),
    calls: fc.constantFrom<Step['calls']>('none', 'own', 'zero'),
  });

  test('with ids of the client get all of their own within the bounds, and nothing of others', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (steps, maxTurns) => {
        const memory = memoryWith({ maxTurns });
        const all = [0, 1, 2, 3].map((index) => begin(`C${index}`, 'Do it.', `id-${index}`));
        for (const { who, ...rest } of steps) take(all[who] ?? begin('', ''), rest, memory);
        const found = all.map((conversation) => restored(conversation, memory));
        const kept = found.flat().filter((thought) => thought !== undefined);
        expect(kept.length).toBe(Math.min(steps.length, maxTurns));
        for (const [index, thoughts] of found.entries())
          for (const thought of thoughts) if (thought !== undefined) expect(all[index]?.own).toContain(thought);
        if (steps.length <= maxTurns) expect(found).toEqual(all.map(({ own }) => own));
      }),
      { numRuns: 200 },
    );
  });

  test('without ids get nothing of others, whose calls have ids of their own', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const memory = memoryWith();
        const all = [0, 1, 2, 3].map((index) => begin(`C${index}`, index < 2 ? 'Do it.' : 'Do that.'));
        for (const { who, says, calls } of steps)
          take(all[who] ?? begin('', ''), { says, calls: calls === 'none' ? 'none' : 'own' }, memory);
        for (const conversation of all) {
          const thoughts = restored(conversation, memory);
          expect(thoughts).toEqual(thoughts.map((thought, index) => thought && conversation.own[index]));
        }
      }),
      { numRuns: 200 },
    );
  });
});
