import { describe, expect, it } from 'vitest';
import type { Delta, FinishReason } from '../../../src/canonical/events.ts';
import type { FunctionTool } from '../../../src/canonical/request.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import { enhanceTool } from '../../../src/transformers/enhanceTool.ts';
import { requestOf } from './requests.ts';

const shell: FunctionTool = {
  kind: 'function',
  name: 'shell',
  parameters: {
    type: 'object',
    properties: { command: { type: 'string' }, workdir: { type: 'string' } },
    required: ['command'],
  },
};
const free: FunctionTool = { kind: 'function', name: 'free', parameters: { type: 'object' } };

function answer(deltas: Delta[]): { out: Delta[]; notes: string[] } {
  const transformed = enhanceTool(requestOf({ tools: [shell, free] }));
  const notes: string[] = [];
  const stage = transformed?.reply?.(transformed.request, (message) => notes.push(message));
  if (!stage) throw new Error('It has no part in the reply.');
  return { out: runStage(stage, deltas), notes };
}

function finish(reason: FinishReason = 'tool-calls'): Delta[] {
  return [{ type: 'finish', reason, raw: '' }, { type: 'done' }];
}

function call(text: string, name = 'shell', key = '0'): Delta[] {
  const middle = Math.floor(text.length / 2);
  return [
    { type: 'tool-delta', key, id: `call_${key}`, name, text: text.slice(0, middle) },
    { type: 'tool-delta', key, text: text.slice(middle) },
  ];
}

function argumentsOf(out: Delta[], key = '0'): string {
  return out.map((delta) => (delta.type === 'tool-delta' && delta.key === key ? delta.text : '')).join('');
}

it('repairs arguments, logs it, and does not edit the request', () => {
  const { out, notes } = answer([...call("{command: 'ls',}"), ...finish()]);
  expect(out).toEqual([
    { type: 'tool-delta', key: '0', id: 'call_0', name: 'shell', text: '' },
    { type: 'tool-delta', key: '0', text: '{"command":"ls"}' },
    ...finish(),
  ]);
  expect(notes).toEqual([
    'Arguments for the tool shell were not valid JSON and were repaired: key without quotes, single quotes, trailing comma.',
  ]);
  const request = requestOf({ tools: [shell] });
  expect(enhanceTool(request)?.request).toBe(request);
});

it.each([
  ['good', '{ "command": "ls" }'],
  ['good, without what is required', '{}'],
  ['empty', ''],
  ['without what is required', "{workdir: 'a'}"],
  ['with what the tool does not know', "{command: 'ls', 'then': 'b'}"],
  ['with a cut string', '{"command": "rm -rf /home/me/t'],
  ['no JSON at all', 'ls -la'],
])('leaves arguments that are %s', (_, text) => {
  const { out, notes } = answer([...call(text), ...finish()]);
  expect(argumentsOf(out)).toBe(text);
  expect(notes).toEqual([]);
});

it.each<FinishReason>(['length', 'content-filter'])('repairs nothing in an answer that ended with %s', (reason) => {
  const text = '{"command": "ls"';
  expect(argumentsOf(answer([...call(text), { type: 'block-end', key: '0' }, ...finish(reason)]).out)).toBe(text);
  expect(argumentsOf(answer(call(text)).out)).toBe(text);
  expect(argumentsOf(answer([...call(text), { type: 'block-end', key: '0' }, ...finish()]).out)).toBe(
    '{"command":"ls"}',
  );
});

it('repairs arguments of tools without a schema', () => {
  expect(argumentsOf(answer([...call('{a: 1}', 'free'), ...finish()]).out)).toBe('{"a":1}');
});

describe('parallel calls', () => {
  it('are each repaired, and end where they ended', () => {
    const ends: Delta[] = [
      { type: 'block-end', key: '0' },
      { type: 'block-end', key: '1' },
    ];
    const { out } = answer([...call('{"command": "a"}'), ...call('{a: 1}', 'free', '1'), ...ends, ...finish()]);
    expect(out.slice(2)).toEqual([
      { type: 'tool-delta', key: '0', text: '{"command": "a"}' },
      ends[0],
      { type: 'tool-delta', key: '1', text: '{"a":1}' },
      ends[1],
      ...finish(),
    ]);
  });

  it('of undeclared tools, and texts, stream on', () => {
    const deltas: Delta[] = [{ type: 'text-delta', key: 't', text: 'a' }, ...call('{a: 1}', 'other'), ...finish()];
    expect(answer(deltas).out).toEqual(deltas);
  });

  it('are held until a late name arrives', () => {
    const { out } = answer([
      { type: 'tool-delta', key: '0', id: 'c', text: '{command: ' },
      { type: 'tool-delta', key: '0', name: 'shell', text: '"ls"}' },
      { type: 'tool-delta', key: '1', id: 'd', text: '{' },
      ...finish(),
    ]);
    expect(argumentsOf(out)).toBe('{"command":"ls"}');
    expect(argumentsOf(out, '1')).toBe('{');
  });
});

it('does not apply to a request without tools', () => {
  expect(enhanceTool(requestOf())).toBeUndefined();
});
