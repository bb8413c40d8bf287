import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { Delta } from '../../../../src/canonical/events.ts';
import type { FunctionTool } from '../../../../src/canonical/request.ts';
import { rescueCalls } from '../../../../src/providers/leakedCalls/rescueCalls.ts';

const begin = '<|tool_calls_section_begin|>';
const end = '<|tool_calls_section_end|>';
const leaked = (name: string, count: number, input: string): string =>
  `<|tool_call_begin|>functions.${name}:${count}<|tool_call_argument_begin|>${input}<|tool_call_end|>`;
const section = `${begin}${leaked('run', 3, '{"cmd":"ls"}')}${leaked('read', 4, '{}')}${end}`;
const finish: Delta = { type: 'finish', reason: 'stop', raw: 'stop' };

const tools: FunctionTool[] = ['run', 'read'].map((name) => ({ kind: 'function', name, parameters: {} }));

function play(deltas: Delta[]): Delta[] {
  const out: Delta[] = [];
  const stage = rescueCalls(tools, () => undefined);
  const { push, end: close } = stage((delta) => out.push(delta));
  for (const delta of deltas) push(delta);
  close();
  return out;
}

const text = (value: string, type: 'text-delta' | 'reasoning-delta' = 'text-delta'): Delta => ({ type, key: 'k', text: value }); // prettier-ignore

/** The texts of a kind put together, the calls and the end. */
function told(deltas: Delta[]) {
  const texts = (type: Delta['type']): string => deltas.map((each) => (each.type === type && 'text' in each ? each.text : '')).join(''); // prettier-ignore
  const calls = deltas.flatMap((each) => (each.type === 'tool-delta' ? [[each.id, each.name, each.text]] : []));
  const reason = deltas.flatMap((each) => (each.type === 'finish' ? [each.reason] : []));
  return { text: texts('text-delta'), reasoning: texts('reasoning-delta'), calls, reason };
}

const calls = [['functions.run:3', 'run', '{"cmd":"ls"}'], ['functions.read:4', 'read', '{}']]; // prettier-ignore

describe('calls that were left in the text', () => {
  it('are calls, wherever the text is cut', () => {
    const whole = `Let me look.${section}`;
    for (let cut = 0; cut <= whole.length; cut++) {
      const pieces = [text(whole.slice(0, cut)), text(whole.slice(cut)), finish];
      expect(told(play(pieces)), String(cut)).toEqual({ text: 'Let me look.', reasoning: '', calls, reason: ['tool-calls'] }); // prettier-ignore
    }
    expect(told(play([...[...whole].map((piece) => text(piece)), finish])).calls).toEqual(calls);
  });

  it('are so in the reasoning, without the end of their section, and before more text', () => {
    const reasoned = play([text(`Hm.${section.replace(end, '')}`, 'reasoning-delta'), finish]);
    expect(told(reasoned)).toEqual({ text: '', reasoning: 'Hm.', calls, reason: ['tool-calls'] });
    expect(told(play([text(`a${section}b`), finish])).text).toBe('ab');
  });

  it('just go where the calls came in their own field too', () => {
    const own: Delta = { type: 'tool-delta', key: 't', id: 'functions.run:3', name: 'run', text: '{"cmd":"ls"}' };
    const { text: said, calls: made } = told(play([own, text(`a${section}`), { ...finish, reason: 'tool-calls' }]));
    expect([said, made]).toEqual(['a', [['functions.run:3', 'run', '{"cmd":"ls"}']]]);
  });

  it('stay text where they are none', () => {
    for (const whole of [
      `${begin}nothing${end}`,
      `${begin}${leaked('run', 0, '{"cut')}${end}`,
      begin,
      '<|tool',
      'a <| b',
    ]) {
      expect(told(play([text(whole), finish])), whole).toEqual({ text: whole, reasoning: '', calls: [], reason: ['stop'] }); // prettier-ignore
    }
  });

  it('stay text where the answer broke off', () => {
    const broken: Delta = { type: 'error', error: new GatewayError('upstream', 'gone') };
    const cut = section.replace(end, '');
    expect(told(play([text(cut), broken]))).toEqual({ text: cut, reasoning: '', calls: [], reason: [] });
  });

  it('are not waited for in plain text', () => {
    const out: Delta[] = [];
    rescueCalls(tools, () => undefined)((delta) => out.push(delta)).push(text('Hi'));
    expect(out).toEqual([text('Hi')]);
  });
});
