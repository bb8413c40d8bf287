import { describe, expect, it } from 'vitest';
import { mergeAssistants, repairTools, toolsAreInOrder } from '../../../src/canonical/repairTools.ts';
import type { Message, Part } from '../../../src/canonical/request.ts';

const text = (value: string): Part => ({ type: 'text', text: value });
const user = (value: string): Message => ({ role: 'user', parts: [text(value)] });
const calls = (...ids: string[]): Message => ({
  role: 'assistant',
  parts: ids.map((id) => ({ type: 'tool-call', id, kind: 'function', name: 'f', input: '{}' })),
});
const result = (callId: string, value: string = callId): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', callId, kind: 'function', isError: false, parts: [text(value)] }],
});

/** `user:Hi`, `calls:a,b`, `a=text`. */
function shape(messages: readonly Message[]): string[] {
  return messages.map(({ role, parts }) => {
    const said = parts.map((part) => {
      if (part.type === 'tool-call') return part.id;
      if (part.type === 'tool-result')
        return `${part.callId}=${part.parts.map((each) => (each.type === 'text' ? each.text : each.type)).join('')}`;
      return part.type === 'text' ? part.text : part.type;
    });
    return `${role}:${said.join('|')}`;
  });
}

const orphan = (id: string): string => `[Result of the tool call ${id}, which is no longer part of this conversation]`;

describe('repairTools', () => {
  it.each<[string, Message[], string[]]>([
    ['moves a result to its call', [calls('a'), user('wait'), result('a')], ['assistant:a', 'tool:a=a', 'user:wait']],
    [
      'groups the results of parallel calls, in the order of the calls',
      [calls('a', 'b'), result('b'), user('x'), result('a')],
      ['assistant:a|b', 'tool:a=a', 'tool:b=b', 'user:x'],
    ],
    [
      'answers a call without a result',
      [calls('a', 'b'), result('b'), user('x')],
      ['assistant:a|b', 'tool:a=aborted', 'tool:b=b', 'user:x'],
    ],
    ['answers a call at the very end', [user('x'), calls('a')], ['user:x', 'assistant:a', 'tool:a=aborted']],
    ['keeps a result without a call as a note', [result('z', 'Z'), user('x')], [`user:${orphan('z')}|Z`, 'user:x']],
    [
      'keeps a second result as a note',
      [calls('a'), result('a', '1'), result('a', '2')],
      ['assistant:a', 'tool:a=1', `user:${orphan('a')}|2`],
    ],
    [
      'gives a result to the nearest of two calls without one',
      [calls('a'), user('x'), calls('a'), result('a')],
      ['assistant:a', 'tool:a=aborted', 'user:x', 'assistant:a', 'tool:a=a'],
    ],
    [
      'does not take a result before its call',
      [result('a', '1'), calls('a'), result('a', '2')],
      [`user:${orphan('a')}|1`, 'assistant:a', 'tool:a=2'],
    ],
    [
      'gives ids that repeat between turns to the nearest call',
      [calls('a'), result('a', '1'), calls('a'), user('x'), result('a', '2')],
      ['assistant:a', 'tool:a=1', 'assistant:a', 'tool:a=2', 'user:x'],
    ],
    [
      'makes ids unique within a message',
      [calls('a', 'a', 'a_2'), result('a', '1'), result('a', '2'), result('a_2', '3')],
      ['assistant:a|a_3|a_2', 'tool:a=1', 'tool:a_3=2', 'tool:a_2=3'],
    ],
    [
      'leaves system messages in their order',
      [calls('a'), { role: 'system', parts: [text('s')] }, result('a')],
      ['assistant:a', 'tool:a=a', 'system:s'],
    ],
    [
      'splits results of one message among their turns',
      [calls('a'), { role: 'tool', parts: [...result('a').parts, ...result('z').parts] }],
      ['assistant:a', 'tool:a=a', `user:${orphan('z')}|z`],
    ],
    [
      'splits a user message that holds results (Anthropic)',
      [calls('a'), { role: 'user', parts: [...result('a').parts, text('and')] }],
      ['assistant:a', 'tool:a=a', 'user:and'],
    ],
  ])('%s', (_, messages, expected) => {
    const before = structuredClone(messages);
    const repaired = repairTools(messages);
    expect(shape(repaired)).toEqual(expected);
    expect(messages).toEqual(before);
    expect(toolsAreInOrder(repaired)).toBe(true);
    expect(repairTools(repaired)).toBe(repaired);
  });

  it('keeps the images of an orphan', () => {
    const image: Part = { type: 'image', url: 'u' };
    const messages: Message[] = [
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'z', kind: 'function', isError: false, parts: [image] }] },
    ];
    expect(repairTools(messages)).toEqual([{ role: 'user', parts: [text(orphan('z')), image] }]);
  });

  it('returns a valid history unchanged', () => {
    const messages = [user('x'), calls('a', 'b'), result('b'), result('a'), calls('a'), result('a'), user('y')];
    expect(repairTools(messages)).toBe(messages);
  });
});

describe('mergeAssistants', () => {
  it('joins consecutive messages', () => {
    const messages: Message[] = [
      user('x'),
      { role: 'assistant', parts: [text('1')] },
      calls('a'),
      calls('b'),
      result('a'),
      { role: 'assistant', parts: [text('2')] },
    ];
    expect(shape(mergeAssistants(messages))).toEqual(['user:x', 'assistant:1|a|b', 'tool:a=a', 'assistant:2']);
    expect(messages).toHaveLength(6);
  });
});
