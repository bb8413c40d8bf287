import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../src/canonical/events.ts';
import { lastFinish, type FinishState } from '../../../src/canonical/lastFinish.ts';

const text = (value: string): Delta => ({ type: 'text-delta', key: 'text', text: value });
const finish = (raw: string): Delta => ({ type: 'finish', reason: 'stop', raw });
const usage: Delta = { type: 'usage', usage: { inputTokens: 1, outputTokens: 1 } };
const done: Delta = { type: 'done' };

/** Each list of deltas is a frame. */
function play(...frames: Delta[][]): { deltas: Delta[]; states: FinishState[] } {
  const deltas: Delta[] = [];
  const states: FinishState[] = [];
  let count = 0;
  const stage = lastFinish({ onChange: (state) => states.push(state), frame: () => count });
  const sink = stage((delta) => deltas.push(delta));
  for (const frame of frames) {
    count++;
    for (const delta of frame) sink.push(delta);
  }
  sink.end();
  return { deltas, states };
}

describe('lastFinish', () => {
  it('holds the finish until the stream is done, and lets usage pass', () => {
    const { deltas, states } = play([text('a')], [finish('x')], [usage], [done]);
    expect(deltas).toEqual([text('a'), usage, finish('x'), done]);
    expect(states).toEqual([{ isFinished: true, isDoubtful: false }]);
  });

  it('holds it until the end of a stream without one', () => {
    expect(play([text('a')], [finish('x')]).deltas).toEqual([text('a'), finish('x')]);
  });

  it.each<[string, Delta]>([
    ['text', text('b')],
    ['reasoning', { type: 'reasoning-delta', key: 'r', text: 'b' }],
    ['a refusal', { type: 'refusal-delta', key: 'r', text: 'b' }],
    ['a call', { type: 'tool-delta', key: 't', name: 'f', text: '' }],
    ['an item of its dialect', { type: 'native', key: 'n', dialect: 'openai-responses', json: {} }],
  ])('takes it back when %s follows', (_, content) => {
    const { deltas, states } = play([text('a')], [finish('first')], [content], [finish('second')]);
    expect(deltas).toEqual([text('a'), content, finish('second')]);
    expect(states).toEqual([
      { isFinished: true, isDoubtful: false },
      { isFinished: false, isDoubtful: true },
      { isFinished: true, isDoubtful: true },
    ]);
  });

  it('leaves a stream without a finish when content follows the only one', () => {
    expect(play([text('a')], [finish('x')], [text('b')]).deltas).toEqual([text('a'), text('b')]);
  });

  it('keeps the first of several finishes, and ignores what is no content', () => {
    const empty: Delta = { type: 'tool-delta', key: 't', text: '' };
    expect(play([text('a')], [finish('x')], [text(''), empty, finish('y')]).deltas.at(-1)).toEqual(finish('x'));
  });

  it('doubts a finish in the frame of the first content', () => {
    expect(play([text('a'), finish('x')]).states).toEqual([{ isFinished: true, isDoubtful: true }]);
    expect(play([text('a')], [text('b'), finish('x')]).states).toEqual([{ isFinished: true, isDoubtful: false }]);
  });

  it('drops it when an error follows', () => {
    const error = { type: 'error', error: new Error('x') } as unknown as Delta;
    expect(play([text('a'), finish('x')], [error]).deltas.slice(0, 2)).toEqual([text('a'), error]);
  });
});
