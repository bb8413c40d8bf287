import { describe, expect, it } from 'vitest';
import type { DialectId, JsonObject } from '../../../src/canonical/request.ts';
import { dialectIds, wiresConfig } from '../../support/callWires.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

/** A conversation with one answered call, whose input stands as `input` where the client's wire has it. */
function conversation(client: DialectId, provider: DialectId, input: unknown): object {
  const model = `${provider},m`;
  const parameters = { type: 'object', properties: { command: { type: 'string' } } };
  switch (client) {
    case 'openai-chat':
      return {
        model,
        tools: [{ type: 'function', function: { name: 'Bash', parameters } }],
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'Bash', arguments: input } }] }, // prettier-ignore
          { role: 'tool', tool_call_id: 'call_1', content: 'ok' },
        ],
      };
    case 'openai-responses':
      return {
        model,
        tools: [{ type: 'function', name: 'Bash', parameters }],
        input: [
          { role: 'user', content: 'Hi' },
          { type: 'function_call', call_id: 'call_1', name: 'Bash', arguments: input },
          { type: 'function_call_output', call_id: 'call_1', output: 'ok' },
        ],
      };
    case 'anthropic-messages':
      return {
        model,
        max_tokens: 99,
        tools: [{ name: 'Bash', input_schema: parameters }],
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'Bash', input }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'ok' }] },
        ],
      };
    default:
      return client satisfies never;
  }
}

/** The input of the call that the provider gets, as an object; the text itself if it is none. */
function sentInput(provider: DialectId, body: JsonObject): unknown {
  const list = (body['messages'] ?? body['input']) as JsonObject[];
  const found = list.flatMap((item): unknown[] => {
    switch (provider) {
      case 'openai-chat':
        return ((item['tool_calls'] ?? []) as { function: JsonObject }[]).map((call) => call.function['arguments']);
      case 'openai-responses':
        return item['type'] === 'function_call' ? [item['arguments']] : [];
      case 'anthropic-messages':
        return (Array.isArray(item['content']) ? (item['content'] as JsonObject[]) : [])
          .filter(({ type }) => type === 'tool_use')
          .map(({ input }) => input);
      default:
        return provider satisfies never;
    }
  });
  const [input] = found;
  // The two OpenAI wires take text, and the other an object.
  if (provider === 'anthropic-messages') return input;
  return typeof input === 'string' ? JSON.parse(input) : `no text: ${JSON.stringify(input)}`;
}

async function sent(client: DialectId, provider: DialectId, input: unknown) {
  const bench = createGatewayBench(wiresConfig, () => Promise.resolve(replyWith(400, {})));
  const { done, received } = bench.ask({ dialect: client, body: conversation(client, provider, input) });
  await done;
  const { body } = bench.calls[0] ?? { body: '' };
  expect(body, received.text).not.toBe('');
  return { input: sentInput(provider, JSON.parse(String(body)) as JsonObject), warnings: bench.records[0]?.warnings };
}

const ls = { command: 'ls' };
const long = `{"command":"${'x'.repeat(5000)}`;

const inputs: [string, unknown, unknown][] = [
  ['absent', undefined, {}],
  ['null', null, {}],
  ['empty text', '', {}],
  ['a list around the object', [ls], ls],
  ['that list as text', JSON.stringify([ls]), ls],
  ['JSON within JSON', JSON.stringify(JSON.stringify(ls)), ls],
  ['the object', ls, ls],
  ['its text', JSON.stringify(ls), ls],
  ['text', 'ls', { input: 'ls' }],
  ['cut off', '{"command":"l', { input: '{"command":"l' }],
  ['cut off, and long', long, { input: long }],
  ['two values', '{"command":"ls"}{"command":"rm"}', { input: '{"command":"ls"}{"command":"rm"}' }],
];

describe.each(dialectIds)('the input of a call that a client of %s sends back', (client) => {
  describe.each(dialectIds)('is an object for a provider of %s', (provider) => {
    it.each(inputs)('%s', async (_, input, expected) => {
      const { input: got } = await sent(client, provider, input);
      expect(got).toEqual(expected);
    });
  });

  it('is named in a warning where it was no object, and not where there was none', async () => {
    const { warnings } = await sent(client, 'openai-chat', '{"command":"l');
    expect(warnings).toContain(
      'openai-chat,m: the input of an earlier call of Bash was not an object and has been made one.',
    );
    expect((await sent(client, 'openai-chat', null)).warnings).toEqual([]);
  });
});
