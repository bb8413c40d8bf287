import { describe, expect, it } from 'vitest';
import type { Delta } from '../../../src/canonical/events.ts';
import type { ChatRequest, FunctionTool, Message } from '../../../src/canonical/request.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import { toolUse } from '../../../src/transformers/toolUse.ts';
import { requestOf } from './requests.ts';

const shell: FunctionTool = { kind: 'function', name: 'shell', parameters: { type: 'object' } };
const system: Message = { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] };
const user: Message = { role: 'user', parts: [{ type: 'text', text: 'Do it.' }] };

function transform(more: Partial<ChatRequest> = {}) {
  const request = requestOf({ tools: [shell], messages: [system, user], ...more });
  const before = structuredClone(request);
  const transformed = toolUse('openai-chat')(request);
  expect(request).toEqual(before);
  return transformed;
}

function answer(deltas: Delta[]): Delta[] {
  const transformed = transform();
  const stage = transformed?.reply?.(transformed.request, () => {});
  if (!stage) throw new Error('It has no part in the reply.');
  return runStage(stage, deltas);
}

describe('the request', () => {
  it('gets the tool, the reminder and a tool choice, and is not relayed', () => {
    const request = transform()?.request;
    expect(request?.tools.map((tool) => tool.name)).toEqual(['shell', 'ExitTool']);
    expect(request?.toolChoice).toEqual({ type: 'required' });
    expect(request).not.toHaveProperty('source');
    expect(request?.messages).toEqual([
      { ...system, parts: [...system.parts, { type: 'text', text: expect.stringContaining('ExitTool') }] },
      user,
    ]);
  });

  it('keeps its prompt prefix from turn to turn', () => {
    const later: Message = { role: 'assistant', parts: [{ type: 'text', text: 'Done.' }] };
    const first = transform()?.request.messages ?? [];
    const next = transform({ messages: [system, user, later, user] })?.request.messages ?? [];
    expect(next.slice(0, first.length)).toEqual(first);
  });

  it('gets a system message where there is none', () => {
    expect(transform({ messages: [user] })?.request.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['no tools', { tools: [] }],
    ['only tools of a provider', { tools: [{ kind: 'hosted', name: 'w', dialect: 'openai-responses', json: {} }] }],
    ['a choice of its own', { toolChoice: { type: 'none' } }],
    ['a tool that must be called', { toolChoice: { type: 'tool', kind: 'function', name: 'shell' } }],
    ['some tool that must be called', { toolChoice: { type: 'required' } }],
    ['a form for its answer', { outputFormat: { type: 'json-object' } }],
    ['a summary asked for', { compaction: true }],
    ['a tool of that name', { tools: [{ ...shell, name: 'ExitTool' }] }],
  ])('with %s is not edited', (_, more) => {
    expect(transform(more)).toBeUndefined();
  });

  it('of a client that wants thinking forces nothing where that excludes thinking', () => {
    const request = requestOf({ tools: [shell], reasoning: { effort: 'high' } });
    expect(toolUse('anthropic-messages')(request)?.request.toolChoice).toEqual({ type: 'auto' });
    expect(toolUse('openai-chat')(request)?.request.toolChoice).toEqual({ type: 'required' });
    const off = requestOf({ tools: [shell], reasoning: { effort: 'none' } });
    expect(toolUse('anthropic-messages')(off)?.request.toolChoice).toEqual({ type: 'required' });
  });
});

const done: Delta[] = [{ type: 'finish', reason: 'tool-calls', raw: 'tool_calls' }, { type: 'done' }];

describe('the reply', () => {
  it('streams the answer as text', () => {
    const out = answer([
      { type: 'start' },
      { type: 'tool-delta', key: '0', id: 'c', name: 'ExitTool', text: '' },
      { type: 'tool-delta', key: '0', text: '{"response":"All' },
      { type: 'tool-delta', key: '0', text: ' done."}' },
      ...done,
    ]);
    expect(out).toEqual([
      { type: 'start' },
      { type: 'text-delta', key: 'ExitTool:0', text: 'All' },
      { type: 'text-delta', key: 'ExitTool:0', text: ' done.' },
      { type: 'block-end', key: 'ExitTool:0' },
      ...done,
    ]);
  });

  it('passes other calls on unchanged', () => {
    const call: Delta = { type: 'tool-delta', key: '1', id: 'd', name: 'shell', text: '{"a":' };
    const more: Delta = { type: 'tool-delta', key: '1', text: '1}' };
    const end: Delta = { type: 'block-end', key: '1' };
    const out = answer([
      { type: 'tool-delta', key: '0', id: 'c', name: 'ExitTool', text: '{"response":"A' },
      call,
      { type: 'tool-delta', key: '0', text: 'B"}' },
      { type: 'block-end', key: '0' },
      more,
      end,
      ...done,
    ]);
    expect(out.filter((delta) => delta.type === 'tool-delta' || ('key' in delta && delta.key === '1'))).toEqual([
      call,
      more,
      end,
    ]);
    expect(out.flatMap((delta) => (delta.type === 'text-delta' ? delta.text : [])).join('')).toBe('AB');
  });

  it('holds a call until a late name arrives', () => {
    const out = answer([
      { type: 'tool-delta', key: '0', id: 'c', text: '{"response":"Al' },
      { type: 'tool-delta', key: '0', name: 'ExitTool', text: 'l."}' },
      { type: 'tool-delta', key: '1', id: 'd', text: '{' },
      ...done,
    ]);
    expect(out).toEqual([
      { type: 'text-delta', key: 'ExitTool:0', text: 'Al' },
      { type: 'text-delta', key: 'ExitTool:0', text: 'l.' },
      { type: 'block-end', key: 'ExitTool:0' },
      { type: 'tool-delta', key: '1', id: 'd', text: '{' },
      ...done,
    ]);
  });

  it('has no thinking in its answer', () => {
    const text = JSON.stringify({ response: '<think>Hm.</think>All done.' });
    const out = answer([{ type: 'tool-delta', key: '0', name: 'ExitTool', text }, ...done]);
    expect(out).toContainEqual({ type: 'text-delta', key: 'ExitTool:0', text: 'All done.' });
    expect(out).toContainEqual(expect.objectContaining({ type: 'reasoning-delta', text: 'Hm.' }));
  });

  it('contains the partial text of an answer that was cut off', () => {
    const call: Delta = { type: 'tool-delta', key: '0', name: 'ExitTool', text: '{"response":"All d' };
    expect(answer([call])).toContainEqual({ type: 'text-delta', key: 'ExitTool:0', text: 'All d' });
  });
});
