// Messages endpoints of other providers, for a client of Messages: unlike Anthropic's, their streams are rewritten.
import { readFileSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const maker = 'https://api.anthropic.com';
const surface = 'https://api.example.com/anthropic';

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/providers/${name}.sse`, import.meta.url), 'utf8');
}

async function streamFrom(baseUrl: string, sse: string): Promise<{ text: string; message: Anthropic.Message }> {
  const bench = createGatewayBench(
    {
      Providers: [{ name: 'some', api_base_url: baseUrl, api_key: 'k', protocol: 'anthropic', models: ['m'] }],
      Router: { default: 'some,m' },
    },
    () => Promise.resolve(replyWith(200, sse)),
  );
  let text = '';
  const fetch = async (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
    const asked = bench.ask({ dialect: 'anthropic-messages', body: JSON.parse(String(init?.body)) as object });
    await asked.done;
    text = asked.received.text;
    return new Response(text, { status: asked.received.status, headers: asked.received.headers });
  };
  const client = new Anthropic({ apiKey: 'x', baseURL: 'http://ccr.test', maxRetries: 0, fetch });
  const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hi' }] };
  return { message: await client.messages.stream(body).finalMessage(), text };
}

const events = (text: string, name: string): number => text.split(`event: ${name}\n`).length - 1;

describe('a stream whose last block never ends', () => {
  it('ends it for the client', async () => {
    const { text, message } = await streamFrom(surface, fixture('anthropic-compatible-surface'));
    expect(events(text, 'content_block_stop')).toBe(events(text, 'content_block_start'));
    expect(events(text, 'message_stop')).toBe(1);
    expect(message).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'tool_use', id: 'call_1', name: 'ls', input: { path: '.' } },
        { type: 'text', text: 'Listing.' },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 70, cache_read_input_tokens: 64, output_tokens: 9 },
    });
  });
});

describe('a rewritten stream', () => {
  it.each(['anthropic-web-search', 'anthropic-thinking-tools', 'anthropic-hidden-thinking'])(
    'says all that a relay of it would: %s',
    async (name) => {
      const relayed = await streamFrom(maker, fixture(name));
      const written = await streamFrom(surface, fixture(name));
      const content = relayed.message.content.map((block) =>
        // An empty list means the same as no list.
        block.type === 'text' && block.citations?.length === 0 ? { ...block, citations: undefined } : block,
      );
      expect(JSON.parse(JSON.stringify(written.message.content))).toEqual(JSON.parse(JSON.stringify(content)));
      expect(written.message.stop_reason).toBe(relayed.message.stop_reason);
      expect(written.message.id).not.toBe(relayed.message.id);
    },
  );

  it('names the sequence that ended it', async () => {
    const sse = fixture('anthropic-thinking-tools')
      .replace(/event: content_block_start\ndata: [^\n]*tool_use[\s\S]*?(?=event: message_delta)/, '')
      .replace(/"stop_reason":"[a-z_]+"/, '"stop_reason":"stop_sequence"')
      .replace('"stop_sequence":null}', '"stop_sequence":"END"}');
    const { message } = await streamFrom(surface, sse);
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'END' });
  });
});
