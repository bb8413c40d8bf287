import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { Delta } from '../../../../src/canonical/events.ts';
import { readDeltas, readText, toReply, type WireEvent } from './support.ts';

const start: WireEvent = { type: 'message_start', message: { id: 'msg_1', model: 'm', content: [] } };
const open = (index: number, block: object): WireEvent => ({
  type: 'content_block_start',
  index,
  content_block: block,
});
const delta = (index: number, fields: object): WireEvent => ({ type: 'content_block_delta', index, delta: fields });
const stop = (index: number): WireEvent => ({ type: 'content_block_stop', index });
const end = (reason: string | null, more: object = {}): WireEvent => ({
  type: 'message_delta',
  delta: { stop_reason: reason },
  ...more,
});
const text = (index: number, words: string): WireEvent[] => [
  open(index, { type: 'text', text: '' }),
  delta(index, { type: 'text_delta', text: words }),
  stop(index),
];
const over: WireEvent = { type: 'message_stop' };

const blocksOf = (...events: (WireEvent | string)[]) => toReply(readDeltas(...events)).blocks;
const errorOf = (deltas: Delta[]) => deltas.find((each) => each.type === 'error')?.error;

describe('the end', () => {
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['an_unknown_reason', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content-filter'],
    ['tool_use', 'tool-calls'],
  ])('%s is %s', (raw, finish) => {
    const deltas = readDeltas(start, ...text(0, 'Hi'), end(raw), over);
    expect(deltas.find(({ type }) => type === 'finish')).toEqual({ type: 'finish', reason: finish, raw });
    expect(deltas.at(-1)).toEqual({ type: 'done' });
  });

  it('is a context-length error if the context is full before any answer', () => {
    expect(errorOf(readDeltas(start, end('model_context_window_exceeded')))?.kind).toBe('context-length');
  });

  it('comes once, and later frames are ignored', () => {
    expect(readDeltas(start, end('end_turn'), over, ...text(0, 'late'), over).map(({ type }) => type)).toEqual([
      'start',
      'finish',
      'done',
    ]);
  });

  it('needs a stop reason or a message_stop', () => {
    expect(toReply(readDeltas(start, ...text(0, 'Hi'), end('end_turn'))).finish).toBe('stop');
    expect(toReply(readDeltas(start, ...text(0, 'Hi'), over)).finish).toBe('stop');
    expect(toReply(readDeltas(start, ...text(0, 'Hi'), '[DONE]')).finish).toBe('stop');
    const open = text(0, 'Hi').slice(0, -1);
    for (const mark of ['[DONE]', { done: true } as unknown as WireEvent])
      expect(toReply(readDeltas(start, ...open, end('end_turn'), mark)).finish).toBe('stop');
    expect(() => toReply(readDeltas(start, ...open, '[DONE]'))).toThrow(/before its answer was complete/);
    expect(() => toReply(readDeltas(start, ...text(0, 'Hi'), end(null)))).toThrow(/before its answer was complete/);
  });
});

describe('usage', () => {
  const usageOf = (...events: WireEvent[]) => toReply(readDeltas(...events, over)).usage;

  it('is cumulative, and cached tokens are not part of the input', () => {
    const message = { usage: { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 2 } };
    expect(
      usageOf(
        { type: 'message_start', message },
        end(null, { usage: { output_tokens: 3 } }),
        end('end_turn', { usage: { output_tokens: 8 } }),
      ),
    ).toEqual({ inputTokens: 17, outputTokens: 8, cacheReadTokens: 5, cacheWriteTokens: 2 });
  });

  it('is read after the stop reason, and ignores zeros and nulls', () => {
    const message = { usage: { input_tokens: 10, output_tokens: 1 } };
    const late: WireEvent = {
      type: 'message_delta',
      delta: {},
      usage: { input_tokens: 0, output_tokens: 7, cache_read_input_tokens: null },
    };
    expect(usageOf({ type: 'message_start', message }, end('end_turn'), late)).toEqual({
      inputTokens: 10,
      outputTokens: 7,
    });
  });

  it('is read from a frame that says done', () => {
    const last = { done: true, usage: { input_tokens: 3, output_tokens: 7 } } as unknown as WireEvent;
    expect(toReply(readDeltas(start, ...text(0, 'Hi'), last)).usage).toEqual({ inputTokens: 3, outputTokens: 7 });
  });

  it('is unknown if the provider sends none', () => {
    expect(usageOf(start, end('end_turn', { usage: { input_tokens: 0, output_tokens: 0 } }))).toBeUndefined();
  });
});

describe('blocks', () => {
  it('may all have the same index', () => {
    expect(blocksOf(start, ...text(0, 'one'), open(0, { type: 'tool_use', id: 'a', name: 'f' }), over)).toMatchObject([
      { type: 'text', text: 'one' },
      { type: 'tool-call', id: 'a', text: '{}' },
    ]);
  });

  it('of text and thinking need no start event', () => {
    expect(
      blocksOf(
        start,
        delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
        delta(1, { type: 'text_delta', text: 'Hi' }),
        over,
      ),
    ).toMatchObject([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hi' },
    ]);
  });

  it('of thinking keep the signature from any event, and unseal ours', () => {
    const signed = (block: object, ...deltas: WireEvent[]) =>
      blocksOf(start, open(0, { type: 'thinking', ...block }), ...deltas, over);
    const proof = { type: 'signature', signature: 'S' };
    expect(signed({ thinking: 'Hm', signature: 'S' })).toMatchObject([{ text: 'Hm', proof }]);
    expect(signed({ thinking: '' }, delta(0, { type: 'signature_delta', signature: 'S' }))).toMatchObject([
      { text: '', proof },
    ]);
    expect(signed({ thinking: 'Hm', signature: '' })[0]).not.toHaveProperty('proof');
  });

  it('of a call may have the input as an object or text, whole or in pieces, or invalid', () => {
    const inputs = (block: object, ...pieces: string[]) =>
      blocksOf(
        start,
        open(0, { type: 'tool_use', id: 'a', name: 'f', ...block }),
        ...pieces.map((piece) => delta(0, { type: 'input_json_delta', partial_json: piece })),
        over,
      ).map((block) => block.text);
    expect(inputs({ input: { a: 1 } })).toEqual(['{"a":1}']);
    expect(inputs({ input: {} }, '{"a"', ':1}')).toEqual(['{"a":1}']);
    expect(inputs({ input: '{"a":' })).toEqual(['{"a":']);
    expect(inputs({})).toEqual(['{}']);
  });

  it('without a name make the stream an error', () => {
    expect(() => blocksOf(start, open(0, { type: 'tool_use', id: 'a' }), over)).toThrow(/without a name/);
  });

  it('may be in the first event, and unknown deltas and events are ignored', () => {
    const message = { content: [{ type: 'text', text: 'whole' }] };
    const unknown = delta(0, { type: 'tomorrow_delta', tomorrow: 1 });
    expect(blocksOf({ type: 'message_start', message }, unknown, { type: 'tomorrow' }, over)).toMatchObject([
      { text: 'whole' },
    ]);
  });
});

describe('errors', () => {
  it.each([
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded'],
    [{ type: 'error', error: { type: 'rate_limit_error', message: 'Slow' } }, 'rate-limited'],
    [
      { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 > 8' } },
      'context-length',
    ],
    [{ type: 'error', error: { type: 'api_error', message: 'x' } }, 'upstream'],
  ])('%j is %s', (event, kind) => {
    const deltas = readDeltas(start, event as WireEvent, ...text(0, 'late'));
    expect(errorOf(deltas)?.kind).toBe(kind);
    expect(deltas.at(-1)?.type).toBe('error');
  });

  it.each(['not json', '[]', '7', '{"index":0}', 'null', 'ping'])('%s in mid-stream is skipped', (data) => {
    const deltas = readDeltas(start, data, ...text(0, 'Hi'));
    expect(errorOf(deltas)).toBeUndefined();
    expect(deltas).toContainEqual(expect.objectContaining({ type: 'text-delta', text: 'Hi' }));
  });

  it('include a stream of another API', () => {
    expect(errorOf(readDeltas('{"choices":[]}'))?.kind).toBe('protocol');
  });

  it('are recognized by their event line alone', () => {
    expect(errorOf(readText('event: error\ndata: {"message":"Gone"}\n\n'))?.message).toBe('Gone');
  });
});

it('throws only GatewayErrors, whatever the input', () => {
  const junk = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.object());
  const types = fc.constantFrom(
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
    'error',
  );
  const event = fc.record(
    { type: types, index: junk, message: junk, content_block: junk, delta: junk, usage: junk },
    { requiredKeys: ['type'] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(event, junk)), (events) => {
      try {
        toReply(readDeltas(...events.map((each) => JSON.stringify(each) ?? '')));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(GatewayError);
      }
    }),
  );
});
