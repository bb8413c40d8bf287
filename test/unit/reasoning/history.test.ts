import { describe, expect, test } from 'vitest';
import type { ReplyBlock } from '../../../src/canonical/events.ts';
import type { ReasoningMemory } from '../../../src/reasoning/history.ts';
import { assistant, call, memoryOf, memoryWith, reasoning, text, toolCall, words } from './turns.ts';

const nothing = (): string => '';

describe('recall', () => {
  test('a text turn, whatever the client did to its white space', () => {
    const memory = memoryOf([reasoning(' why '), words('It is\n\nso. ')]);
    expect(memory.recall('id:c', assistant(text('It is so.')), nothing)).toEqual([
      { type: 'reasoning', text: ' why ' },
    ]);
    expect(memory.recall('id:c', assistant(text('It is not so.')), nothing)).toBeUndefined();
    expect(memory.recall('id:other', assistant(text('It is so.')), nothing)).toBeUndefined();
  });

  test('a call, whatever the client did to its JSON and its id', () => {
    const memory = memoryOf([reasoning('why'), toolCall('call_0', '{"a":1,"b":{"c":[1,2],"d":2}}')]);
    expect(memory.recall('id:c', assistant(call('x', '{ "b": {"d":2,"c":[1,2]}, "a": 1 }')), nothing)).toHaveLength(1);
    expect(memory.recall('id:c', assistant(call('call_0', '{"a":2}')), nothing)).toBeUndefined();
    expect(memory.recall('id:c', assistant(call('call_0', '{"a":1,"b":{"c":[2,1],"d":2}}')), nothing)).toBeUndefined();
    expect(
      memory.recall('id:c', assistant(call('call_0', '{"a":1,"b":{"c":[1,2],"d":2}}', 'other')), nothing),
    ).toBeUndefined();
  });

  test('recalls calls with malformed input', () => {
    const memory = memoryOf([reasoning('why'), toolCall('call_0', '{"a":')]);
    expect(memory.recall('id:c', assistant(call('call_0', '{"a":')), nothing)).toHaveLength(1);
  });

  test('equal calls are told apart by id, though ids alone prove nothing', () => {
    const memory = memoryOf([reasoning('first'), toolCall('a', '{}')], [reasoning('second'), toolCall('b', '{}')]);
    expect(memory.recall('id:c', assistant(call('a', '{}')), nothing)?.[0]?.text).toBe('first');
    expect(memory.recall('id:c', assistant(call('b', '{}')), nothing)?.[0]?.text).toBe('second');
    expect(memory.recall('id:c', assistant(call('?', '{}')), nothing)?.[0]?.text).toBe('second');
  });

  test('hashes the lineage once, however many turns are equal', () => {
    const memory = memoryOf(...['a', 'b', 'c', 'd'].map((id) => [reasoning(id), toolCall(id, '{}')]));
    let asked = 0;
    const lineage = (): string => `lineage ${++asked}`;
    expect(memory.recall('id:c', assistant(call('c', '{}')), lineage)?.[0]?.text).toBe('c');
    expect(asked).toBe(1);
  });

  test('a turn with both calls is nearer than one with one of them', () => {
    const memory = memoryOf(
      [reasoning('both'), toolCall('1', '{"n":1}'), toolCall('2', '{"n":2}')],
      [reasoning('one'), toolCall('3', '{"n":2}')],
    );
    expect(memory.recall('id:c', assistant(call('x', '{"n":1}'), call('y', '{"n":2}')), nothing)?.[0]?.text).toBe(
      'both',
    );
    expect(memory.recall('id:c', assistant(call('x', '{"n":2}')), nothing)?.[0]?.text).toBe('one');
  });

  test('does not store a turn without text or calls', () => {
    const memory = memoryOf([reasoning('b')]);
    expect(memory.recall('id:c', assistant(text('')), nothing)).toBeUndefined();
  });

  test('remembers that a turn had no reasoning, so that an equal turn keeps its own', () => {
    const memory = memoryOf([reasoning('why'), words('a')], [words('a')], [reasoning(''), words('c')]);
    const taken = new Set([memory.recall('id:c', assistant(text('a')), nothing) ?? []]);
    expect([...taken]).toEqual([[]]);
    expect(memory.recall('id:c', assistant(text('a')), nothing, taken)).toEqual([{ type: 'reasoning', text: 'why' }]);
    expect(memory.recall('id:c', assistant(text('c')), nothing)).toEqual([]);
  });

  test('a proof is kept, even without text', () => {
    const proof = { type: 'details', details: [{ type: 'reasoning.encrypted', data: 'x' }] } as const;
    const memory = memoryWith({ maxTurns: 1, maxBytes: 1000 });
    memory.remember(
      'id:c',
      [{ type: 'reasoning', text: '', proof: { ...proof, details: [...proof.details] } }, words('a')],
      '',
    );
    expect(memory.recall('id:c', assistant(text('a')), nothing)).toEqual([{ type: 'reasoning', text: '', proof }]);
  });
});

const turnAbout = (name: string): ReplyBlock[] => [reasoning(`about ${name}`), words(name)];
const known = (memory: ReasoningMemory, conversation: string, name: string): boolean =>
  memory.recall(`id:${conversation}`, assistant(text(name)), nothing) !== undefined;

describe('bounds', () => {
  test('evicts the oldest turn of the least recently used conversation first', () => {
    const memory = memoryWith({ maxTurns: 3, maxBytes: 1_000_000 });
    memory.remember('id:quiet', turnAbout('q1'), '');
    memory.remember('id:busy', turnAbout('b1'), '');
    memory.remember('id:quiet', turnAbout('q2'), '');
    expect(known(memory, 'busy', 'b1')).toBe(true);
    memory.remember('id:busy', turnAbout('b2'), '');
    expect(['q1', 'q2'].map((name) => known(memory, 'quiet', name))).toEqual([false, true]);
    expect(['b1', 'b2'].map((name) => known(memory, 'busy', name))).toEqual([true, true]);
  });

  test('asking for a turn keeps its conversation', () => {
    const memory = memoryWith({ maxTurns: 2, maxBytes: 1_000_000 });
    memory.remember('id:one', turnAbout('a'), '');
    memory.remember('id:two', turnAbout('a'), '');
    expect(known(memory, 'one', 'a')).toBe(true);
    memory.remember('id:three', turnAbout('a'), '');
    expect(['one', 'two', 'three'].map((name) => known(memory, name, 'a'))).toEqual([true, false, true]);
  });

  test('bytes', () => {
    const memory = memoryWith({ maxTurns: 100, maxBytes: 1000 });
    memory.remember('id:c', [reasoning('x'.repeat(400)), words('a')], '');
    expect(known(memory, 'c', 'a')).toBe(true);
    memory.remember('id:c', [reasoning('x'.repeat(400)), words('b')], '');
    expect(['a', 'b'].map((name) => known(memory, 'c', name))).toEqual([false, true]);
    memory.remember('id:c', [reasoning('x'.repeat(1000)), words('too long')], '');
    expect(known(memory, 'c', 'too long')).toBe(false);
  });

  test('evicts a conversation that was idle for too long, but not one in use', () => {
    let now = 0;
    const memory = memoryWith({ maxQuietMs: 1000, now: () => now });
    memory.remember('id:left', turnAbout('a'), '');
    memory.remember('id:used', turnAbout('a'), '');
    now = 1000;
    expect(known(memory, 'used', 'a')).toBe(true);
    now = 1001;
    expect(['left', 'used'].map((name) => known(memory, name, 'a'))).toEqual([false, true]);
    now = 2002;
    memory.remember('id:used', turnAbout('b'), '');
    expect(['a', 'b'].map((name) => known(memory, 'used', name))).toEqual([false, true]);
  });
});
