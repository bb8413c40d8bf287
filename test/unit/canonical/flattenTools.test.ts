import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { Delta } from '../../../src/canonical/events.ts';
import { flattenTools, restoreTools } from '../../../src/canonical/flattenTools.ts';
import type { ChatRequest, Tool } from '../../../src/canonical/request.ts';
import { runStage } from '../../../src/canonical/stage.ts';

const toolNames = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, length: 64 };
const none = { customTools: false, namespaces: false, toolNames };
const grammar = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };

function requestWith(tools: Tool[], messages: ChatRequest['messages'] = []): ChatRequest {
  const source = { dialect: 'openai-responses' as const, body: {} };
  return createRequest({ messages, tools, toolChoice: { type: 'auto' }, stream: true, sampling: {} }, source);
}

const patch: Tool = { kind: 'custom', name: 'apply_patch', description: 'Edits files.', format: grammar };
const spawn: Tool = { kind: 'function', name: 'spawn', namespace: 'agents', parameters: { type: 'object' } };

function names(request: ChatRequest): string[] {
  return request.tools.map(({ name }) => name);
}

describe('flattenTools', () => {
  it('returns the same request when the provider has what it uses', () => {
    const request = requestWith([patch, spawn]);
    expect(flattenTools(request, { customTools: true, namespaces: true, toolNames })).toBe(request);
    expect(flattenTools(requestWith([]), none).source).toBeDefined();
  });

  it('makes functions of custom and namespaced tools, and tells the model of a grammar', () => {
    const flat = flattenTools(requestWith([patch, spawn]), none);
    expect(names(flat)).toEqual(['apply_patch', 'agents__spawn']);
    expect(flat.tools[0]).toMatchObject({
      kind: 'function',
      parameters: { required: ['input'], properties: { input: { type: 'string' } } },
    });
    expect(flat.tools[0]).toMatchObject({ description: expect.stringContaining('start: "x"') as string });
    expect(flat.source).toBeUndefined();
  });

  it('keeps names apart, short and clean', () => {
    const long: Tool = { kind: 'function', name: 'x'.repeat(60), namespace: 'very.long', parameters: {} };
    const twin: Tool = { ...long, name: `${'x'.repeat(60)}y` };
    const plain: Tool = { kind: 'function', name: 'agents__spawn', parameters: {} };
    const flat = names(flattenTools(requestWith([spawn, plain, long, twin]), none));
    expect(new Set(flat).size).toBe(4);
    expect(flat[1]).toBe('agents__spawn');
    for (const name of flat) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it('shortens a name that the wire refuses, and gives it back', () => {
    const long: Tool = { kind: 'function', name: `mcp__server__${'x'.repeat(80)}`, parameters: {} };
    const flat = flattenTools(requestWith([long]), none);
    const [name = ''] = names(flat);
    expect(name).toHaveLength(64);
    const stage = restoreTools(requestWith([long]), none);
    const call: Delta = { type: 'tool-delta', key: '0', id: 'a', name, text: '{}' };
    expect(stage && runStage(stage, [call])).toMatchObject([{ name: long.name }]);
    expect(
      flattenTools(requestWith([long]), { ...none, toolNames: { pattern: /^[a-zA-Z0-9_-]{1,128}$/, length: 128 } })
        .source,
    ).toBeDefined();
  });

  it('rewrites the history and the choice', () => {
    const request = requestWith(
      [patch, spawn],
      [
        {
          role: 'assistant',
          parts: [{ type: 'tool-call', id: '1', kind: 'custom', name: 'apply_patch', input: '*** Begin "Patch"' }],
        },
        { role: 'tool', parts: [{ type: 'tool-result', callId: '1', kind: 'custom', isError: false, parts: [] }] },
        {
          role: 'assistant',
          parts: [{ type: 'tool-call', id: '2', kind: 'function', name: 'spawn', namespace: 'agents', input: '{}' }],
        },
      ],
    );
    const flat = flattenTools(
      createRequest({ ...request, toolChoice: { type: 'tool', kind: 'custom', name: 'apply_patch' } }, request.source),
      none,
    );
    expect(flat.messages[0]?.parts[0]).toMatchObject({ kind: 'function', input: '{"input":"*** Begin \\"Patch\\""}' });
    expect(flat.messages[1]?.parts[0]).toMatchObject({ kind: 'function' });
    expect(flat.messages[2]?.parts[0]).toMatchObject({ name: 'agents__spawn', namespace: undefined });
    expect(flat.toolChoice).toMatchObject({ kind: 'function', name: 'apply_patch' });
    expect(request.messages[0]?.parts[0]).toMatchObject({ kind: 'custom' });
  });
});

describe('calls in the history whose tool is no longer declared', () => {
  const call = { type: 'tool-call' as const, id: '1', kind: 'function' as const, input: '{}' };
  const plain: Tool = { kind: 'function', name: 'spawn', parameters: {} };
  const request = requestWith(
    [plain],
    [{ role: 'assistant', parts: [{ ...call, name: 'spawn', namespace: 'agents' }] }],
  );

  it('get a name of their own, apart from those that are declared', () => {
    const flat = flattenTools(request, none);
    expect(names(flat)).toEqual(['spawn']);
    expect(flat.messages[0]?.parts[0]).toMatchObject({ name: 'agents__spawn', namespace: undefined });
  });

  it('are restored when the model repeats one', () => {
    const stage = restoreTools(request, none);
    const delta: Delta = { type: 'tool-delta', key: '0', id: 'a', name: 'agents__spawn', text: '{}' };
    expect(stage && runStage(stage, [delta])).toMatchObject([{ name: 'spawn', namespace: 'agents' }]);
  });
});

describe('restoreTools', () => {
  function restore(tools: Tool[], deltas: Delta[]): Delta[] {
    const stage = restoreTools(requestWith(tools), none);
    return stage ? runStage(stage, deltas) : deltas;
  }

  it('is absent where nothing was flattened', () => {
    expect(restoreTools(requestWith([]), none)).toBeUndefined();
  });

  it('gives back kind, name and namespace as declared', () => {
    expect(
      restore([patch, spawn], [{ type: 'tool-delta', key: '0', id: 'a', name: 'agents__spawn', text: '{"a":1}' }]),
    ).toEqual([
      { type: 'tool-delta', key: '0', id: 'a', kind: 'function', name: 'spawn', namespace: 'agents', text: '{"a":1}' },
    ]);
  });

  it('leaves a name that nobody declared as it came', () => {
    const delta: Delta = { type: 'tool-delta', key: '0', id: 'a', name: 'invented', text: '{}' };
    expect(restore([patch], [delta])).toEqual([delta]);
  });

  it('waits for a name that comes after the beginning of the input', () => {
    const out = restore(
      [patch, spawn],
      [
        { type: 'tool-delta', key: '0', id: 'a', text: '{"inp' },
        { type: 'tool-delta', key: '1', id: 'b', text: '{"a"' },
        { type: 'tool-delta', key: '0', name: 'apply_patch', text: 'ut":"x' },
        { type: 'tool-delta', key: '1', name: 'agents__spawn', text: ':1' },
        { type: 'tool-delta', key: '1', text: '}' },
        { type: 'tool-delta', key: '0', text: '"}' },
        { type: 'tool-delta', key: '2', text: 'never named' },
        { type: 'finish', reason: 'tool-calls', raw: '' },
      ],
    );
    expect(out).toEqual([
      { type: 'tool-delta', key: '1', id: 'b', kind: 'function', name: 'spawn', namespace: 'agents', text: '{"a":1' },
      { type: 'tool-delta', key: '1', text: '}' },
      { type: 'tool-delta', key: '0', id: 'a', kind: 'custom', name: 'apply_patch', text: 'x' },
      { type: 'tool-delta', key: '2', text: 'never named' },
      { type: 'finish', reason: 'tool-calls', raw: '' },
    ]);
  });

  it('unwraps parallel custom calls each on its own, without an end of theirs', () => {
    const out = restore(
      [patch],
      [
        { type: 'tool-delta', key: '0', id: 'a', name: 'apply_patch', text: '{"input":' },
        { type: 'tool-delta', key: '1', id: 'b', name: 'apply_patch', text: '{"input":"two' },
        { type: 'tool-delta', key: '0', text: '"one"}' },
        { type: 'tool-delta', key: '1', text: '"}' },
        { type: 'done' },
      ],
    );
    expect(out).toMatchObject([{ id: 'a', text: 'one' }, { id: 'b', text: 'two' }, { type: 'done' }]);
  });

  const wrapped = JSON.stringify({ input: '*** Begin Patch\n+"ü"\n*** End Patch' });

  it.each([1, 2, 7, 1000])(
    'unwraps a custom input that arrives %i characters at a time, before the block ends',
    (size) => {
      const pieces = wrapped.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      const deltas: Delta[] = pieces.map((text, index) =>
        index === 0
          ? { type: 'tool-delta', key: '0', id: 'a', name: 'apply_patch', text }
          : { type: 'tool-delta', key: '0', text },
      );
      expect(restore([patch], [...deltas, { type: 'block-end', key: '0' }])).toEqual([
        {
          type: 'tool-delta',
          key: '0',
          id: 'a',
          kind: 'custom',
          name: 'apply_patch',
          text: '*** Begin Patch\n+"ü"\n*** End Patch',
        },
        { type: 'block-end', key: '0' },
      ]);
    },
  );

  it.each([
    ['another property', '{"patch":"x"}', 'x'],
    ['a bare string', '"x"', 'x'],
    ['no JSON at all', '*** Begin Patch', '*** Begin Patch'],
    ['JSON cut off', '{"input":"x', '{"input":"x'],
    ['several properties', '{"a":"x","b":"y"}', '{"a":"x","b":"y"}'],
  ])('takes %s for what it is', (_, text, expected) => {
    const out = restore(
      [patch],
      [
        { type: 'tool-delta', key: '0', id: 'a', name: 'apply_patch', text },
        { type: 'finish', reason: 'stop', raw: '' },
      ],
    );
    expect(out[0]).toMatchObject({ type: 'tool-delta', kind: 'custom', text: expected });
  });
});
