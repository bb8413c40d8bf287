import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../src/canonical/events.ts';
import { fitCalls } from '../../../src/canonical/fitCalls.ts';
import type { Tool } from '../../../src/canonical/request.ts';
import { runStage } from '../../../src/canonical/stage.ts';

const parameters = { type: 'object', properties: { edits: { type: 'array' } }, required: ['edits'] };
const tool: Tool = { kind: 'function', name: 'edit', description: '', parameters };
const cut = '{"edits":[{"old":"a","new":"b"}';
const finish = (reason: 'length' | 'stop' | 'content-filter'): Delta => ({ type: 'finish', reason, raw: reason });
const blockEnd: Delta = { type: 'block-end', key: 'c' };

function fit(...deltas: Delta[]) {
  const notes: string[] = [];
  const out = runStage(
    fitCalls([tool], (note) => notes.push(note)),
    deltas,
  );
  const text = out.map((delta) => (delta.type === 'tool-delta' ? delta.text : '')).join('');
  const ends = out.filter((delta) => delta.type === 'block-end');
  return { text, ends, types: out.map(({ type }) => type), notes };
}

const call = (text: string): Delta => ({ type: 'tool-delta', key: 'c', id: 'c', name: 'edit', text });

describe('a call that lacks the brackets at its end, whose block ends before the reason is known', () => {
  it.each<[string, Delta[]]>([
    ['a limit', [finish('length'), { type: 'done' }]],
    ['a filter', [finish('content-filter')]],
    ['nothing', []],
    ['the end without a reason', [{ type: 'done' }]],
  ])('is not completed before %s', (_, after) => {
    const { text, ends, notes } = fit(call(cut), blockEnd, ...after);
    expect([text, ends, notes]).toEqual([cut, [blockEnd], ['The arguments of a call of edit are cut off.']]);
  });

  it('is completed if the answer ended by itself', () => {
    const { text, types } = fit(call(cut), blockEnd, finish('stop'), { type: 'done' });
    expect(text).toBe(`${cut}]}`);
    expect(types).toEqual(['tool-delta', 'tool-delta', 'block-end', 'finish', 'done']);
  });

  it('is not completed either where its whole input comes at the end', () => {
    const whole: Delta = { type: 'block-end', key: 'c', input: cut };
    expect(fit(call(''), whole, finish('length')).text).toBe(cut);
    expect(fit(call(''), whole, finish('stop')).text).toBe(`${cut}]}`);
  });
});

it('a whole call ends at once', () => {
  const { types } = fit(call(`${cut}]}`), blockEnd, { type: 'text-delta', key: 't', text: 'x' }, finish('stop'));
  expect(types).toEqual(['tool-delta', 'block-end', 'text-delta', 'finish']);
});
