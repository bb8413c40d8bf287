import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { Delta } from '../../../src/canonical/events.ts';
import { renameParameters } from '../../../src/canonical/parameterNames.ts';
import type { ChatRequest, JsonObject, Message, Tool } from '../../../src/canonical/request.ts';
import { runStage } from '../../../src/canonical/stage.ts';

const rule = { pattern: /^[a-zA-Z0-9_.-]{1,64}$/, length: 64 };

function requestWith(tools: Tool[], messages: Message[] = []): ChatRequest {
  const source = { dialect: 'openai-responses' as const, body: {} };
  return createRequest({ messages, tools, toolChoice: { type: 'auto' }, stream: true, sampling: {} }, source);
}

const text = { type: 'string' };
const query: Tool = {
  kind: 'function',
  name: 'query',
  namespace: 'mcp',
  parameters: {
    type: 'object',
    properties: {
      'filter[id]': text,
      filter_id_: text,
      nested: { type: 'array', items: { anyOf: [{ properties: { $top: text }, required: ['$top'] }] } },
      again: { $ref: '#/properties/filter[id]' },
      words: { enum: ['$top'], default: { $top: 1 } },
    },
    required: ['filter[id]', 'nested'],
  },
};
const plain: Tool = { kind: 'function', name: 'plain', parameters: { type: 'object', properties: { a: text } } };
const call = (name: string, input: string, namespace?: string): Message => ({
  role: 'assistant',
  parts: [{ type: 'tool-call', id: '1', kind: 'function', name, input, ...(namespace && { namespace }) }],
});

describe('renameParameters', () => {
  it('returns the same request where every name is taken', () => {
    const request = requestWith([plain, { kind: 'custom', name: 'c' }]);
    expect(renameParameters(request, rule)).toEqual({ request });
    expect(renameParameters(request, rule).request).toBe(request);
  });

  it('renames what is declared at any depth, and what refers to it', () => {
    const { request } = renameParameters(requestWith([plain, query]), rule);
    expect(request.source).toBeUndefined();
    expect(request.tools[0]).toBe(plain);
    expect((request.tools[1] as { parameters: JsonObject }).parameters).toEqual({
      type: 'object',
      properties: {
        filter_id__2: text,
        filter_id_: text,
        nested: { type: 'array', items: { anyOf: [{ properties: { _top: text }, required: ['_top'] }] } },
        again: { $ref: '#/properties/filter_id__2' },
        words: { enum: ['$top'], default: { $top: 1 } },
      },
      required: ['filter_id__2', 'nested'],
    });
  });

  it('renames the calls of the history', () => {
    const messages = [call('query', '{"filter[id]":"$top","nested":[{"$top":1}]}', 'mcp'), call('plain', '{"$top":1}')];
    const { request } = renameParameters(requestWith([plain, query], messages), rule);
    expect(request.messages.map(({ parts: [part] }) => part?.type === 'tool-call' && part.input)).toEqual([
      '{"filter_id__2":"$top","nested":[{"_top":1}]}',
      '{"$top":1}',
    ]);
  });

  function restored(deltas: Delta[]): Delta[] {
    const { restore } = renameParameters(requestWith([plain, query]), rule);
    return restore ? runStage(restore, deltas) : deltas;
  }

  function textOf(deltas: Delta[], key: string): string {
    return deltas.map((delta) => (delta.type === 'tool-delta' && delta.key === key ? delta.text : '')).join('');
  }

  it('gives the client its own names, of interleaved calls too', () => {
    const pieces = ['{"filter_id', '__2": "x", "nes', 'ted":[{"_top":2', '}]}'];
    const deltas: Delta[] = [
      { type: 'tool-delta', key: 'a', id: '1', text: '' },
      { type: 'tool-delta', key: 'a', name: 'query', namespace: 'mcp', text: '' },
      { type: 'tool-delta', key: 'b', id: '2', name: 'plain', text: '{"_top' },
      ...pieces.map((piece): Delta => ({ type: 'tool-delta', key: 'a', text: piece })),
      { type: 'tool-delta', key: 'b', text: '":1}' },
      { type: 'block-end', key: 'a' },
      { type: 'finish', reason: 'tool-calls', raw: 'tool_calls' },
    ];
    const out = restored(deltas);
    expect(textOf(out, 'a')).toBe('{"filter[id]": "x", "nested":[{"$top":2}]}');
    expect(textOf(out, 'b')).toBe('{"_top":1}');
    expect(out.find((delta) => delta.type === 'tool-delta' && delta.key === 'a')).toMatchObject({
      id: '1',
      name: 'query',
    });
    expect(out.at(-1)).toMatchObject({ type: 'finish' });
  });

  it('emits an unfinished call as it came', () => {
    const out = restored([{ type: 'tool-delta', key: 'a', id: '1', name: 'query', namespace: 'mcp', text: '{"_to' }]);
    expect(textOf(out, 'a')).toBe('{"_to');
  });
});
