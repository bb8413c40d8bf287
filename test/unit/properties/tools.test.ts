import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import { collectReply } from '../../../src/canonical/collectReply.ts';
import type { Delta } from '../../../src/canonical/events.ts';
import { flattenTools, restoreTools } from '../../../src/canonical/flattenTools.ts';
import type { ChatRequest, ToolCallPart, ToolIdentity } from '../../../src/canonical/request.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import { frame } from './frame.ts';

describe('flattenTools and restoreTools', () => {
  const toolName = fc.stringMatching(/^[a-zA-Z0-9_.:-]{1,70}$/);
  const identity: fc.Arbitrary<ToolIdentity> = fc
    .record({
      kind: fc.constantFrom('function', 'custom'),
      name: fc.oneof(toolName, fc.constantFrom('a', 'a__b', 'b')),
      namespace: fc.option(fc.oneof(toolName, fc.constantFrom('a', 'a__a')), { nil: undefined }),
    })
    .map(({ namespace, ...rest }) => (namespace === undefined ? rest : { ...rest, namespace }));
  const identities = fc.uniqueArray(identity, {
    minLength: 1,
    maxLength: 6,
    selector: (each) => JSON.stringify([each.namespace ?? null, each.name]),
  });
  const features = fc.record({
    customTools: fc.boolean(),
    namespaces: fc.boolean(),
    toolNames: fc.constant({ pattern: /^[a-zA-Z0-9_-]{1,64}$/, length: 64 }),
  });

  function requestOf(tools: readonly ToolIdentity[]): ChatRequest {
    const parts = tools.map(({ kind, ...rest }, index) => ({
      type: 'tool-call' as const,
      id: `${index}`,
      kind,
      ...rest,
      input: '{"x":1}',
    }));
    return createRequest({
      messages: [{ role: 'assistant', parts }],
      tools: tools.map((tool) =>
        tool.kind === 'custom' ? { ...tool, kind: 'custom' } : { ...tool, kind: 'function', parameters: {} },
      ),
      toolChoice: { type: 'auto' },
      stream: true,
      sampling: {},
    });
  }

  /** A provider's call in pieces of `size`. The name comes in the piece with the number `late`, or the last one. */
  function pieces({ id, name, namespace, kind, input }: ToolCallPart, size: number, late: number): Delta[] {
    if (name.length > 64 || !/^[a-zA-Z0-9_-]+$/.test(name)) throw new Error(`No provider takes ${name}`);
    const count = Math.ceil(input.length / size);
    return Array.from({ length: count }, (_each, index): Delta => {
      const named = index === Math.min(late, count - 1) && { name, ...(namespace !== undefined && { namespace }) };
      const text = input.slice(index * size, (index + 1) * size);
      return { type: 'tool-delta', key: id, kind, ...(index === 0 && { id }), ...named, text };
    });
  }

  it('give every call back as it was declared, under names that every provider takes', () => {
    const shape = fc.record({ size: fc.integer({ min: 1, max: 9 }), late: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(identities, features, shape, (tools, given, { size, late }) => {
        const request = requestOf(tools);
        const flat = flattenTools(request, given);
        const names = flat.tools.map((tool) => JSON.stringify(['namespace' in tool && tool.namespace, tool.name]));
        expect(new Set(names).size).toBe(tools.length);
        const restore = restoreTools(request, given);
        if (!restore) {
          expect(flat).toBe(request);
          return;
        }
        // The history of the request plays the provider, which calls each tool as it was told to.
        const parts = flat.messages.flatMap((message) => message.parts);
        const deltas = parts.flatMap((part) => (part.type === 'tool-call' ? pieces(part, size, late) : []));
        expect(callsOf(runStage(restore, [...deltas, { type: 'done' }]))).toEqual(
          tools.map((tool) => sortedText({ ...tool, text: '{"x":1}' })).toSorted(),
        );
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});

/** The calls that a client gets. Those of custom tools come when they are whole, so their order is not the provider's. */
function callsOf(deltas: readonly Delta[]): string[] {
  const collector = collectReply();
  for (const event of frame(deltas).events) collector.push(event);
  return collector
    .reply()
    .blocks.map((block) => {
      if (block.type !== 'tool-call') throw new Error('A call was expected');
      const { id: _, type: __, ...call } = block;
      return sortedText(call);
    })
    .toSorted();
}

function sortedText(call: object): string {
  return JSON.stringify(Object.entries(call).toSorted());
}
