import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { capCallIds, countCalls, replaceIds } from '../../../src/providers/callIds.ts';

const call = (id: string, name = 'run') => ({ id, type: 'function', function: { name, arguments: '{}' } });
const calls = (...list: JsonObject[]) => ({ role: 'assistant', content: null, tool_calls: list });
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'ok' });
const user = { role: 'user', content: 'Go on' };

function idsOf(body: JsonObject): unknown[] {
  return (body['messages'] as JsonObject[]).flatMap((message) => [
    ...((message['tool_calls'] ?? []) as JsonObject[]).map(({ id }) => id),
    ...('tool_call_id' in message ? [message['tool_call_id']] : []),
  ]);
}

describe('Kimi’s counted ids', () => {
  it('are given to the calls of others, and their results follow', () => {
    const messages = [user, calls(call('call_a'), call('call_b', 'look')), result('call_b'), result('call_a')];
    expect(idsOf(countCalls.edit({ messages }))).toEqual([
      'functions.run:0',
      'functions.look:1',
      'functions.look:1',
      'functions.run:0',
    ]);
  });

  it('go on counting around Kimi’s own, which stay verbatim', () => {
    const messages = [
      calls(call('call_a')),
      result('call_a'),
      calls(call('functions.run:1')),
      result('functions.run:1'),
      calls(call('functions.run:7')),
      result('functions.run:7'),
      calls(call('call_a')),
      result('call_a'),
    ];
    const edited = idsOf(countCalls.edit({ messages }));
    expect(edited.filter((_, index) => index % 2 === 0)).toEqual([
      'functions.run:0',
      'functions.run:1',
      'functions.run:7',
      'functions.run:8',
    ]);
    // A longer conversation begins with the same ids: the prompt cache stays good.
    expect(idsOf(countCalls.edit({ messages: messages.slice(0, 4) }))).toEqual(edited.slice(0, 4));
  });

  it('do not change a body that has only those', () => {
    const body = { messages: [user, calls(call('functions.run:0')), result('functions.run:0')] };
    expect(countCalls.edit(body)).toBe(body);
    const orphan = { messages: [result('call_x')] };
    expect(countCalls.edit(orphan)).toBe(orphan);
  });
});

describe('ids that are too long', () => {
  it('become short ones, the same for call and result', () => {
    const long = 'x'.repeat(41);
    const [first, second, third] = idsOf(
      capCallIds.edit({ messages: [calls(call(long), call('short')), result(long)] }),
    );
    expect(first).toMatch(/^call_\w{32}$/);
    expect([second, third]).toEqual(['short', first]);
    expect(idsOf(capCallIds.edit({ messages: [result(long)] }))).toEqual([first]);
  });

  it('do not change bodies of any other shape', () => {
    const edit = replaceIds(
      () => false,
      (hash) => hash,
    );
    for (const body of [{}, { messages: 'x' }, { messages: [null, 'x', { role: 'user' }] }])
      expect(edit(body)).toBe(body);
  });
});
