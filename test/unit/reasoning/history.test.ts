import { describe, expect, test } from 'vitest';
import type { ReplyBlock } from '../../../src/canonical/events.ts';
import { createReasoningMemory, type ReasoningMemory } from '../../../src/reasoning/history.ts';
import { assistant, call, memoryOf, reasoning, text, toolCall, words } from './turns.ts';

describe('recall', () => {
  test('a text turn, whatever the client did to its white space', () => {
    const memory = memoryOf([reasoning(' why '), words('It is\n\nso. ')]);
    expect(memory.recall('c', assistant(text('It is so.')))).toEqual([{ type: 'reasoning', text: ' why ' }]);
    expect(memory.recall('c', assistant(text('It is not so.')))).toBeUndefined();
    expect(memory.recall('other', assistant(text('It is so.')))).toBeUndefined();
  });

  test('a call, whatever the client did to its JSON and its id', () => {
    const memory = memoryOf([reasoning('why'), toolCall('call_0', '{"a":1,"b":{"c":[1,2],"d":2}}')]);
    expect(memory.recall('c', assistant(call('x', '{ "b": {"d":2,"c":[1,2]}, "a": 1 }')))).toHaveLength(1);
    expect(memory.recall('c', assistant(call('call_0', '{"a":2}')))).toBeUndefined();
    expect(memory.recall('c', assistant(call('call_0', '{"a":1,"b":{"c":[2,1],"d":2}}')))).toBeUndefined();
    expect(memory.recall('c', assistant(call('call_0', '{"a":1,"b":{"c":[1,2],"d":2}}', 'other')))).toBeUndefined();
  });

  test('broken input is known too', () => {
    const memory = memoryOf([reasoning('why'), toolCall('call_0', '{"a":')]);
    expect(memory.recall('c', assistant(call('call_0', '{"a":')))).toHaveLength(1);
  });

  test('equal calls are told apart by id, though ids alone prove nothing', () => {
    const memory = memoryOf([reasoning('first'), toolCall('a', '{}')], [reasoning('second'), toolCall('b', '{}')]);
    expect(memory.recall('c', assistant(call('a', '{}')))?.[0]?.text).toBe('first');
    expect(memory.recall('c', assistant(call('b', '{}')))?.[0]?.text).toBe('second');
    expect(memory.recall('c', assistant(call('?', '{}')))?.[0]?.text).toBe('second');
  });

  test('a turn with both calls is nearer than one with one of them', () => {
    const memory = memoryOf(
      [reasoning('both'), toolCall('1', '{"n":1}'), toolCall('2', '{"n":2}')],
      [reasoning('one'), toolCall('3', '{"n":2}')],
    );
    expect(memory.recall('c', assistant(call('x', '{"n":1}'), call('y', '{"n":2}')))?.[0]?.text).toBe('both');
    expect(memory.recall('c', assistant(call('x', '{"n":2}')))?.[0]?.text).toBe('one');
  });

  test('nothing is kept of a turn without anything else', () => {
    const memory = memoryOf([reasoning('b')]);
    expect(memory.recall('c', assistant(text('')))).toBeUndefined();
  });

  test('it is known of a turn that it had none, so that an equal turn keeps its own', () => {
    const memory = memoryOf([reasoning('why'), words('a')], [words('a')], [reasoning(''), words('c')]);
    const taken = new Set([memory.recall('c', assistant(text('a'))) ?? []]);
    expect([...taken]).toEqual([[]]);
    expect(memory.recall('c', assistant(text('a')), taken)).toEqual([{ type: 'reasoning', text: 'why' }]);
    expect(memory.recall('c', assistant(text('c')))).toEqual([]);
  });

  test('a proof is kept, even without text', () => {
    const proof = { type: 'details', details: [{ type: 'reasoning.encrypted', data: 'x' }] } as const;
    const memory = createReasoningMemory({ maxTurns: 1, maxBytes: 1000 });
    memory.remember('c', [
      { type: 'reasoning', text: '', proof: { ...proof, details: [...proof.details] } },
      words('a'),
    ]);
    expect(memory.recall('c', assistant(text('a')))).toEqual([{ type: 'reasoning', text: '', proof }]);
  });
});

const turnAbout = (name: string): ReplyBlock[] => [reasoning(`about ${name}`), words(name)];
const known = (memory: ReasoningMemory, conversation: string, name: string): boolean =>
  memory.recall(conversation, assistant(text(name))) !== undefined;

describe('bounds', () => {
  test('the oldest turn of the quietest conversation goes first', () => {
    const memory = createReasoningMemory({ maxTurns: 3, maxBytes: 1_000_000 });
    memory.remember('quiet', turnAbout('q1'));
    memory.remember('busy', turnAbout('b1'));
    memory.remember('quiet', turnAbout('q2'));
    expect(known(memory, 'busy', 'b1')).toBe(true);
    memory.remember('busy', turnAbout('b2'));
    expect(['q1', 'q2'].map((name) => known(memory, 'quiet', name))).toEqual([false, true]);
    expect(['b1', 'b2'].map((name) => known(memory, 'busy', name))).toEqual([true, true]);
  });

  test('asking for a turn keeps its conversation', () => {
    const memory = createReasoningMemory({ maxTurns: 2, maxBytes: 1_000_000 });
    memory.remember('one', turnAbout('a'));
    memory.remember('two', turnAbout('a'));
    expect(known(memory, 'one', 'a')).toBe(true);
    memory.remember('three', turnAbout('a'));
    expect(['one', 'two', 'three'].map((name) => known(memory, name, 'a'))).toEqual([true, false, true]);
  });

  test('bytes', () => {
    const memory = createReasoningMemory({ maxTurns: 100, maxBytes: 1000 });
    memory.remember('c', [reasoning('x'.repeat(400)), words('a')]);
    expect(known(memory, 'c', 'a')).toBe(true);
    memory.remember('c', [reasoning('x'.repeat(400)), words('b')]);
    expect(['a', 'b'].map((name) => known(memory, 'c', name))).toEqual([false, true]);
    memory.remember('c', [reasoning('x'.repeat(1000)), words('too long')]);
    expect(known(memory, 'c', 'too long')).toBe(false);
  });
});
