import { describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../../../src/canonical/request.ts';
import { readRequest, writeRequest } from '../../../../src/dialects/openaiChat/request.ts';
import { writeReply } from '../../../../src/dialects/openaiChat/reply.ts';
import { chunk, readChunks, replyContext, textsOf, toReply } from './replay.ts';

const signed = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
const thought = { extra_content: { google: { thought: true } } };
const call = (id: string, more: object = {}) => ({
  id,
  type: 'function',
  function: { name: 'ls', arguments: '{}' },
  ...more,
});

/** The blocks of a reply in order; for reasoning, its signature and the index of the signed call. */
function blocksOf(...deltas: unknown[]): string[] {
  const chunks = deltas.map((delta) => chunk(delta));
  return toReply(readChunks(...chunks, chunk({}, 'stop'), '[DONE]')).blocks.map((block) => {
    if (block.type !== 'reasoning') return block.type;
    const { proof } = block;
    return proof?.type === 'thought-signature'
      ? `${block.text}[${proof.signature} of ${proof.call ?? 'all'}]`
      : block.text;
  });
}

describe('reads a signature', () => {
  test.each<[string, unknown[], string[]]>([
    [
      'on the first of two calls',
      [{ tool_calls: [call('a', signed('S')), call('b')] }],
      ['[S of 0]', 'tool-call', 'tool-call'],
    ],
    [
      'with the thought that it signs',
      [{ content: 'why', ...thought }, { tool_calls: [call('a', signed('S'))] }],
      ['why[S of 0]', 'tool-call'],
    ],
    [
      'on a second step of the same message',
      [{ tool_calls: [call('a')] }, { tool_calls: [call('b', signed('S'))] }],
      ['tool-call', '[S of 1]', 'tool-call'],
    ],
    [
      'in a fragment of its own after two calls',
      [{ tool_calls: [call('a')] }, { tool_calls: [call('b')] }, { tool_calls: [signed('S')] }],
      ['tool-call', 'tool-call', '[S of 0]'],
    ],
    [
      'in a fragment of its own, by index',
      [
        {
          tool_calls: [
            { index: 0, ...call('a') },
            { index: 1, ...call('b') },
          ],
        },
        { tool_calls: [{ index: 1, ...signed('S') }] },
      ],
      ['tool-call', 'tool-call', '[S of 1]'],
    ],
    [
      'in a fragment of its own, by id',
      [{ tool_calls: [call('a'), call('b')] }, { tool_calls: [{ id: 'b', ...signed('S') }] }],
      ['tool-call', 'tool-call', '[S of 1]'],
    ],
    [
      'with a repeated call',
      [{ tool_calls: [call('a')] }, { tool_calls: [call('a', signed('S'))] }],
      ['tool-call', '[S of 0]'],
    ],
    [
      'once if it is sent twice',
      [{ tool_calls: [call('a', signed('S'))] }, { tool_calls: [call('a', signed('S'))] }],
      ['[S of 0]', 'tool-call'],
    ],
    ['after a text', [{ content: 'So.' }, { content: null, ...signed('S') }], ['text', '[S of all]']],
    [
      'as nothing if it is empty',
      [{ content: 'So.', extra_content: null }, { tool_calls: [call('a', { extra_content: 'x' })] }],
      ['text', 'tool-call'],
    ],
  ])('%s', (_how, deltas, blocks) => {
    expect(blocksOf(...deltas)).toEqual(blocks);
  });
});

test('strips the opening tag of a flagged thought, wherever it is split', () => {
  const whole = '<thought>a <b</thought>';
  for (let cut = 0; cut <= whole.length; cut++) {
    const pieces = [whole.slice(0, cut), whole.slice(cut)].map((content) => chunk({ content, ...thought }));
    expect(textsOf(readChunks(...pieces), 'reasoning-delta')).toBe('a <b</thought>');
  }
  const untagged = [chunk({ content: 'a', ...thought }), chunk({ content: '<b', ...thought })];
  expect(textsOf(readChunks(...untagged), 'reasoning-delta')).toBe('a<b');
  const plain = chunk({ content: 'so', extra_content: { google: { thought: false } } });
  expect(textsOf(readChunks(plain), 'text-delta')).toBe('so');
});

describe('signatures in the history', () => {
  function written(message: JsonObject): JsonObject {
    const results = (message['tool_calls'] as JsonObject[]).map(({ id }) => ({
      role: 'tool',
      tool_call_id: id,
      content: '',
    }));
    const request = readRequest({
      messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: null, ...message }, ...results],
    });
    return (writeRequest(request, 'm')['messages'] as JsonObject[])[1] ?? {};
  }

  it('keeps each signature in its place', () => {
    const calls = [call('a', signed('S')), call('b')];
    expect(written({ tool_calls: calls, ...signed('M') })).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: calls,
      ...signed('M'),
    });
  });

  it('moves the signature of the message to its first call if that has none', () => {
    expect(written({ tool_calls: [call('a'), call('b')], ...signed('M') })).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: [call('a', signed('M')), call('b')],
    });
  });
});

test('writes a whole reply with each signature in its place', () => {
  const deltas = readChunks(
    chunk({ tool_calls: [call('a', signed('S')), call('b')] }),
    chunk(signed('M'), 'stop'),
    '[DONE]',
  );
  expect(writeReply(toReply(deltas), replyContext())).toMatchObject({
    choices: [{ message: { tool_calls: [call('a', signed('S')), call('b')], ...signed('M') } }],
  });
});
