import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import type { ClientKind } from '../../../src/dialects/dialect.ts';
import type { UpstreamReply } from '../../../src/gateway/upstream.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const input = '{"path":"/tmp/a"}';
const [thought, text] = ['I should look.', 'Let me look.'];

/** The same whole answer in each provider's protocol: reasoning, text, a call, usage. */
const wholes = {
  openai: {
    id: 'c', object: 'chat.completion', model: 'm',
    choices: [{ index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', reasoning_content: thought, content: text, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'read', arguments: input } }] } }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  },
  responses: {
    id: 'resp_1', object: 'response', status: 'completed', model: 'm',
    output: [
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: thought }] },
      { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'read', arguments: input, status: 'completed' },
    ],
    usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
  },
  anthropic: {
    id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_reason: 'tool_use', stop_sequence: null,
    content: [{ type: 'thinking', thinking: thought, signature: 'sig' }, { type: 'text', text }, { type: 'tool_use', id: 'call_1', name: 'read', input: JSON.parse(input) as object }],
    usage: { input_tokens: 11, output_tokens: 7 },
  },
} as const; // prettier-ignore

type Protocol = keyof typeof wholes;

const schema = { type: 'object', properties: { path: { type: 'string' } } };
const bodies: Record<DialectId, object> = {
  'openai-chat': { messages: [{ role: 'user', content: 'Go.' }], tools: [{ type: 'function', function: { name: 'read', parameters: schema } }], stream_options: { include_usage: true } },
  'openai-responses': { input: 'Go.', tools: [{ type: 'function', name: 'read', parameters: schema, strict: false }] },
  'anthropic-messages': { max_tokens: 999, messages: [{ role: 'user', content: 'Go.' }], tools: [{ name: 'read', input_schema: schema }], thinking: { type: 'enabled', budget_tokens: 1024 } },
}; // prettier-ignore

const clients: Record<DialectId, ClientKind> = {
  'openai-chat': 'other',
  'openai-responses': 'codex',
  'anthropic-messages': 'claude-code',
};

function configFor(protocol: Protocol, changes: object = {}): object {
  const one = { name: 'one', protocol, api_base_url: 'http://one.test/v1', models: ['m'], api_key: 'k' };
  return { Providers: [one], Router: { default: 'one,m', forceNonStreaming: true, tierRetries: { one: { max_retries: 0 } } }, ...changes };
} // prettier-ignore

async function streamed(dialect: DialectId, config: object, reply: () => UpstreamReply, waitMs = 0) {
  const bench = createGatewayBench(config, async () => {
    if (waitMs > 0) await new Promise<void>((resolve) => bench.clock.after(waitMs, resolve));
    return reply();
  });
  const { done, received } = bench.ask({ dialect, client: clients[dialect], body: { model: 'auto', stream: true, ...bodies[dialect] } });
  if (waitMs > 0) await bench.clock.advance(waitMs);
  await done;
  return { received, sent: JSON.parse(bench.calls[0]?.body ?? '{}') as { stream?: boolean }, record: bench.records[0] };
} // prettier-ignore

type Event = { type?: string; [name: string]: unknown };

const eventsOf = (stream: string): Event[] =>
  [...stream.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Event);

/** All texts of one field in a stream, joined. */
const joined = (stream: string, field: string): string =>
  [...stream.matchAll(new RegExp(`"${field}":("(?:[^"\\\\]|\\\\.)*")`, 'g'))]
    .map(([, piece = '""']) => JSON.parse(piece) as string)
    .join('');

const ways = (['openai', 'responses', 'anthropic'] as const).flatMap((protocol) =>
  (['openai-chat', 'openai-responses', 'anthropic-messages'] as const).map((dialect) => ({ protocol, dialect })),
);

describe('forceNonStreaming', () => {
  it.each(ways)('makes a whole stream in $dialect of a whole answer of $protocol', async ({ protocol, dialect }) => {
    const { received, sent, record } = await streamed(dialect, configFor(protocol), () => replyWith(200, wholes[protocol]));
    expect(sent.stream ?? false).toBe(false);
    expect([received.status, received.headers['content-type'], received.ended]).toEqual([200, expect.stringContaining('text/event-stream'), true]);
    const events = eventsOf(received.text);
    const types = events.map(({ type }) => type);
    if (dialect === 'openai-chat') {
      expect(joined(received.text, 'content')).toBe(text);
      expect(joined(received.text, 'reasoning_content')).toBe(thought);
      expect(joined(received.text, 'arguments')).toBe(input);
      expect(received.text.match(/"finish_reason":"tool_calls"/g)).toHaveLength(1);
      expect(received.text).toMatch(/"prompt_tokens":11,.*data: \[DONE\]\n\n$/s);
    } else if (dialect === 'openai-responses') {
      expect(types[0]).toBe('response.created');
      expect(types.at(-1)).toBe('response.completed');
      expect(types.filter((type) => type === 'response.output_item.added')).toHaveLength(3);
      expect(types.filter((type) => type === 'response.output_item.done')).toHaveLength(3);
      const deltas = (kind: string): string => events.flatMap(({ type, delta }) => (type === kind ? [delta] : [])).join('');
      expect(deltas('response.output_text.delta')).toBe(text);
      expect(deltas('response.function_call_arguments.delta')).toBe(input);
      expect(received.text).toContain(thought);
      expect(events.at(-1)?.['response']).toMatchObject({ usage: { input_tokens: 11, output_tokens: 7 } });
    } else {
      expect(types[0]).toBe('message_start');
      expect(types.slice(-2)).toEqual(['message_delta', 'message_stop']);
      expect(types.filter((type) => type === 'content_block_start')).toHaveLength(3);
      expect(types.filter((type) => type === 'content_block_stop')).toHaveLength(3);
      expect(joined(received.text, 'text')).toBe(text);
      expect(joined(received.text, 'thinking')).toBe(thought);
      expect(joined(received.text, 'partial_json')).toBe(input);
      expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 7 } });
    }
    expect(record?.usage).toMatchObject({ inputTokens: 11, outputTokens: 7 });
  }); // prettier-ignore

  it.each(ways.filter(({ protocol }) => protocol === 'openai'))(
    'keeps a client in $dialect waiting for the whole answer without a timeout of its own',
    async ({ dialect, protocol }) => {
      const { received } = await streamed(dialect, configFor(protocol), () => replyWith(200, wholes[protocol]), 40_000);
      const keepAlive = { 'openai-chat': /^: /gm, 'openai-responses': /^event: response\.in_progress/gm, 'anthropic-messages': /^event: ping/gm }[dialect];
      expect(received.text.match(keepAlive)?.length).toBeGreaterThanOrEqual(2);
      expect(received.text).toContain(text);
      expect(received.ended).toBe(true);
    },
  ); // prettier-ignore

  it('is for one provider with allow_streaming: false', async () => {
    const config = configFor('openai', { Router: { default: 'one,m' } });
    const [provider] = (config as { Providers: object[] }).Providers;
    const { sent, received } = await streamed('openai-chat', { ...config, Providers: [{ ...provider, allow_streaming: false }] }, () => replyWith(200, wholes.openai));
    expect(sent.stream ?? false).toBe(false);
    expect(received.text).toContain('[DONE]');
  }); // prettier-ignore

  it('is not for a provider with allow_streaming: true', async () => {
    const config = configFor('openai') as { Providers: object[] };
    const [provider] = config.Providers;
    const { sent } = await streamed('openai-chat', { ...config, Providers: [{ ...provider, allow_streaming: true }] }, () => replyWith(200, wholes.openai));
    expect(sent.stream).toBe(true);
  }); // prettier-ignore

  it('does not mind a provider that streams anyway', async () => {
    const chunk = (delta: object, finish: string | null = null): string =>
      `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const { received } = await streamed('anthropic-messages', configFor('openai'), () =>
      replyWith(200, chunk({ content: 'Hi' }) + chunk({}, 'stop')),
    );
    expect([joined(received.text, 'text'), received.ended]).toEqual(['Hi', true]);
  });
});
