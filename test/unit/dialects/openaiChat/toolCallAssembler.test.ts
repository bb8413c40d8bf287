import { describe, expect, it } from 'vitest';
import { callsOf, chunk, readChunks, toReply, withoutStart } from './replay.ts';

const call = (fields: object): object => chunk({ tool_calls: [fields] });
const calls = (...list: object[]): object => chunk({ tool_calls: list });

describe('tool calls', () => {
  it.each<[string, object[], string[]]>([
    [
      'by index',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        call({ index: 0, function: { arguments: ':1}' } }),
      ],
      ['a f {"x":1}'],
    ],
    [
      'interleaved',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
        call({ index: 1, id: 'b', function: { name: 'g', arguments: '' } }),
        call({ index: 0, function: { arguments: '{"x":' } }),
        call({ index: 1, function: { arguments: '{"y":' } }),
        call({ index: 0, function: { arguments: '1}' } }),
        call({ index: 1, function: { arguments: '2}' } }),
      ],
      ['a f {"x":1}', 'b g {"y":2}'],
    ],
    [
      'with "" and null in continuations',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        call({ index: 0, id: '', function: { name: null, arguments: '}' } }),
        call({ index: 0, id: null, function: { name: '', arguments: '' } }),
      ],
      ['a f {}'],
    ],
    [
      'with the id and name each time',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '}' } }),
      ],
      ['a f {}'],
    ],
    [
      'with a random id each time',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        call({ index: 0, id: 'z', function: { arguments: '}' } }),
      ],
      ['a f {}'],
    ],
    [
      'all with index 0',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        call({ index: 0, id: 'b', function: { name: 'f', arguments: '{"x":2}' } }),
      ],
      ['a f {"x":1}', 'b f {"x":2}'],
    ],
    [
      'all with index 0, streamed',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
        call({ index: 0, id: 'b', function: { name: 'g', arguments: '{"y"' } }),
        call({ index: 0, function: { arguments: ':2}' } }),
      ],
      ['a f {}', 'b g {"y":2}'],
    ],
    [
      'all with index 0 in one chunk without ids',
      [
        calls(
          { index: 0, function: { name: 'f', arguments: '{}' } },
          { index: 0, function: { name: 'f', arguments: '{}' } },
        ),
      ],
      ['fresh_1 f {}', 'fresh_2 f {}'],
    ],
    [
      'with indexes as text',
      [
        call({ index: '1', id: 'b', function: { name: 'g', arguments: '{' } }),
        call({ index: '1', function: { arguments: '}' } }),
      ],
      ['b g {}'],
    ],
    [
      'with gaps between indexes',
      [
        call({ index: 5, id: 'a', function: { name: 'f', arguments: '{}' } }),
        call({ index: 2, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
      ['a f {}', 'b g {}'],
    ],
    [
      'without index, whole',
      [
        calls(
          { id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'b', function: { name: 'f', arguments: '{"x":1}' } },
        ),
      ],
      ['a f {"x":1}', 'b f {"x":1}'],
    ],
    [
      'without index, by id',
      [
        call({ id: 'a', function: { name: 'f', arguments: '{' } }),
        call({ id: 'b', function: { name: 'g', arguments: '{' } }),
        call({ id: 'a', function: { arguments: '}' } }),
        call({ id: 'b', function: { arguments: '}' } }),
      ],
      ['a f {}', 'b g {}'],
    ],
    [
      'without index and id in continuations',
      [
        call({ id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        call({ function: { arguments: ':1}' } }),
        call({ id: 'b', function: { name: 'g', arguments: '{"y"' } }),
        call({ function: { arguments: ':2}' } }),
      ],
      ['a f {"x":1}', 'b g {"y":2}'],
    ],
    [
      'without index, arguments by position (vercel/ai#19546)',
      [
        calls({ id: 'a', function: { name: 'f', arguments: '' } }, { id: 'b', function: { name: 'g', arguments: '' } }),
        calls({ function: { arguments: '{"x"' } }, { function: { arguments: '{"y"' } }),
        calls({ function: { arguments: ':1}' } }, { function: { arguments: ':2}' } }),
      ],
      ['a f {"x":1}', 'b g {"y":2}'],
    ],
    [
      'without index, started together, completed one after the other',
      [
        calls({ id: 'a', function: { name: 'f', arguments: '' } }, { id: 'b', function: { name: 'g', arguments: '' } }),
        call({ function: { arguments: '{"x":' } }),
        call({ function: { arguments: '1}' } }),
        call({ function: { arguments: '{"y":2}' } }),
      ],
      ['a f {"x":1}', 'b g {"y":2}'],
    ],
    [
      'repeated at another index (LocalAI#9722)',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        call({ index: 1, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
      ],
      ['a f {"x":1}'],
    ],
    [
      'without index and ids',
      [
        call({ function: { name: 'f', arguments: '{"x":1}' } }),
        call({ function: { name: 'f', arguments: '{"x":2}' } }),
      ],
      ['fresh_1 f {"x":1}', 'fresh_2 f {"x":2}'],
    ],
    [
      'without index and ids, one name repeated',
      [call({ function: { name: 'f', arguments: '{"x"' } }), call({ function: { name: 'f', arguments: ':1}' } })],
      ['fresh_1 f {"x":1}'],
    ],
    [
      'with one id for two calls',
      [
        calls({ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        calls({ id: 'a', function: { name: 'f', arguments: '{"x":2}' } }),
      ],
      ['a f {"x":1}', 'fresh_1 f {"x":2}'],
    ],
    [
      'repeated completely at the end',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        call({ index: 0, function: { arguments: ':1}' } }),
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
      ],
      ['a f {"x":1}'],
    ],
    [
      'with arguments as an object',
      [call({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } })],
      ['a f {"x":1}'],
    ],
    [
      'with the name after the id',
      [
        call({ index: 0, id: 'a', function: { arguments: '' } }),
        call({ index: 0, function: { name: 'f', arguments: '{}' } }),
      ],
      ['a f {}'],
    ],
    [
      'with only metadata',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
        call({ extra_content: { google: { thought_signature: 's' } } }),
      ],
      ['a f {}'],
    ],
    [
      'with a final delta of no arguments',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
        call({ index: 0, id: '', function: { arguments: '' } }),
      ],
      ['a f {}'],
    ],
    [
      'in the legacy form',
      [
        chunk({ function_call: { name: 'f', arguments: '' } }),
        chunk({ function_call: { arguments: '{"x"' } }),
        chunk({ function_call: { arguments: ':1}' } }),
      ],
      ['fresh_1 f {"x":1}'],
    ],
    [
      'with several names but no ids at one index',
      [
        call({ index: 0, function: { name: 'f', arguments: '{}' } }),
        call({ index: 0, function: { name: 'g', arguments: '{}' } }),
      ],
      ['fresh_1 f {}', 'fresh_2 g {}'],
    ],
  ])('%s', (_, chunks, expected) => {
    expect(callsOf(readChunks(...chunks))).toEqual(expected);
  });

  it('reads a custom call', () => {
    const deltas = readChunks(
      call({ index: 0, id: 'a', type: 'custom', custom: { name: 'apply_patch', input: '' } }),
      call({ index: 0, custom: { input: '*** Begin' } }),
      chunk({}, 'tool_calls'),
    );
    expect(toReply(deltas).blocks).toEqual([
      { type: 'tool-call', id: 'a', kind: 'custom', name: 'apply_patch', text: '*** Begin' },
    ]);
  });

  it('emits id and name once each', () => {
    const deltas = readChunks(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '}' } }),
    );
    expect(withoutStart(deltas)).toEqual([
      { type: 'tool-delta', key: 'tool-0', id: 'a', name: 'f', text: '{' },
      { type: 'tool-delta', key: 'tool-0', text: '}' },
    ]);
  });

  it('keeps a call without arguments empty', () => {
    expect(callsOf(readChunks(call({ index: 0, id: 'a', function: { name: 'f' } })))).toEqual(['a f ']);
  });
});
