import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import type { Delta } from '../../../src/canonical/events.ts';
import { frameBlocks } from '../../../src/canonical/frameBlocks.ts';
import { runStage } from '../../../src/canonical/stage.ts';

function frame(deltas: Delta[]) {
  let fresh = 0;
  return runStage(frameBlocks({ newCallId: () => `call_new${++fresh}` }), deltas);
}

const finish: Delta = { type: 'finish', reason: 'stop', raw: 'stop' };

describe('frameBlocks', () => {
  it('does not report tool calls as the finish reason if there were none', () => {
    const events = frame([
      { type: 'text-delta', key: 't', text: 'a' },
      { type: 'finish', reason: 'tool-calls', raw: 'tool_calls' },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop', raw: 'tool_calls' });
  });

  it('ignores empty tool deltas', () => {
    const events = frame([
      { type: 'tool-delta', key: '0', id: 'a', name: 'one', text: '{}' },
      { type: 'block-end', key: '0' },
      { type: 'tool-delta', key: '0', text: '' },
      finish,
    ]);
    expect(events.filter(({ type }) => type === 'block-start')).toHaveLength(1);
  });

  it('never lets prose blocks overlap', () => {
    const events = frame([
      { type: 'reasoning-delta', key: 'r', text: 'a' },
      { type: 'text-delta', key: 't', text: 'b' },
      { type: 'reasoning-delta', key: 'r', text: 'c' },
      finish,
    ]);
    expect(events).toEqual([
      { type: 'start' },
      { type: 'block-start', index: 0, block: { type: 'reasoning' } },
      { type: 'block-delta', index: 0, text: 'a' },
      { type: 'block-end', index: 0 },
      { type: 'block-start', index: 1, block: { type: 'text' } },
      { type: 'block-delta', index: 1, text: 'b' },
      { type: 'block-end', index: 1 },
      { type: 'block-start', index: 2, block: { type: 'reasoning' } },
      { type: 'block-delta', index: 2, text: 'c' },
      { type: 'block-end', index: 2 },
      { type: 'finish', reason: 'stop', raw: 'stop', usage: undefined },
    ]);
  });

  it('keeps tool blocks open side by side, text between them, until the stream finishes', () => {
    const events = frame([
      { type: 'tool-delta', key: '0', id: 'a', name: 'one', text: '{' },
      { type: 'tool-delta', key: '1', id: 'b', name: 'two', text: '[' },
      { type: 'text-delta', key: 't', text: 'meanwhile' },
      { type: 'tool-delta', key: '0', text: '}' },
      { type: 'tool-delta', key: '1', text: ']' },
      { ...finish, reason: 'tool-calls', raw: 'tool_calls' },
    ]);
    const texts = new Map<number, string>();
    for (const event of events)
      if (event.type === 'block-delta') texts.set(event.index, (texts.get(event.index) ?? '') + event.text);
    expect([...texts.entries()].sort()).toEqual([
      [0, '{}'],
      [1, '[]'],
      [2, 'meanwhile'],
    ]);
    expect(events.filter(({ type }) => type === 'block-end')).toHaveLength(3);
  });

  it('holds a call until its name arrives, and makes ids unique', () => {
    const events = frame([
      { type: 'tool-delta', key: '0', id: 'same', text: '{"a"' },
      { type: 'tool-delta', key: '0', name: 'one', text: ':1}' },
      { type: 'tool-delta', key: '1', id: 'same', name: 'two', text: '{}' },
      { type: 'tool-delta', key: '2', name: 'three', text: '' },
      finish,
    ]);
    const starts = events.flatMap((event) =>
      event.type === 'block-start' && event.block.type === 'tool-call' ? [event.block] : [],
    );
    expect(starts.map(({ id, name }) => [id, name])).toEqual([
      ['same', 'one'],
      ['call_new1', 'two'],
      ['call_new2', 'three'],
    ]);
    expect(events).toContainEqual({ type: 'block-delta', index: 0, text: '{"a":1}' });
  });

  it('reports tool calls as the finish reason of a stop with calls', () => {
    const events = frame([{ type: 'tool-delta', key: '0', id: 'a', name: 'one', text: '{}' }, finish]);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls', raw: 'stop' });
  });

  it('includes usage that arrives after the finish', () => {
    const usage = { inputTokens: 3, outputTokens: 4 };
    expect(
      frame([{ type: 'text-delta', key: 't', text: 'x' }, finish, { type: 'usage', usage }, { type: 'done' }]).at(-1),
    ).toEqual({
      type: 'finish',
      reason: 'stop',
      raw: 'stop',
      usage,
    });
  });

  it('passes a proof on with the end of its block, once', () => {
    const proof = { type: 'signature', signature: 's' } as const;
    const events = frame([
      { type: 'reasoning-delta', key: 'r', text: 'a' },
      { type: 'block-end', key: 'r', proof },
      { type: 'block-end', key: 'r' },
      finish,
    ]);
    expect(events.filter(({ type }) => type === 'block-end')).toEqual([{ type: 'block-end', index: 0, proof }]);
  });

  it.each([
    ['neither finish nor done', [{ type: 'text-delta', key: 't', text: 'x' }], 'connection'],
    ['a call without a name', [{ type: 'tool-delta', key: '0', id: 'a', text: '{}' }, finish], 'protocol'],
  ] as [string, Delta[], string][])('refuses a stream with %s', (_, deltas, kind) => {
    expect(() => frame(deltas)).toThrow(expect.objectContaining({ kind }));
  });

  it('throws the error that a reader found', () => {
    const error = new GatewayError('rate-limited', 'slow down');
    expect(() => frame([{ type: 'error', error }])).toThrow(error);
  });
});
