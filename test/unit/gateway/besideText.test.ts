import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

/** What an answer has beside text: it survives the canonical form in every direction, streamed and whole. */

type Json = Record<string, unknown>;

const png = 'iVBORw0KGgo=';
const dataUrl = `data:image/png;base64,${png}`;
const page = { url: 'https://example.org/rings', title: 'Rings' };
const annotation = { type: 'url_citation', url_citation: { ...page, content: 'x', start_index: 0, end_index: 5 } };
const flatAnnotation = { type: 'url_citation', start_index: 0, end_index: 5, ...page };
const token = { token: 'hello', logprob: -0.2, bytes: [104], top_logprobs: [] };
const searchLocation = { type: 'web_search_result_location', ...page, encrypted_index: 'Eo', cited_text: 'x' };

function sse(events: (Json | string)[]): string {
  return events
    .map((event) => {
      const named = typeof event === 'object' && typeof event['type'] === 'string' ? `event: ${event['type']}\n` : '';
      return `${named}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
    })
    .join('');
}

const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };

/** A chat provider's answer. `fields` of the whole reply come in a chunk after the finish reason. */
function chat(message: Json, { fields = {}, choice = {} }: { fields?: Json; choice?: Json } = {}) {
  const { content, ...beside } = message;
  const chunk = (delta: Json, finish: string | null, more: { choice?: Json; fields?: Json } = {}): Json => ({
    id: 'c',
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish, ...more.choice }],
    ...more.fields,
  });
  return {
    whole: {
      id: 'c',
      model: 'm',
      usage,
      ...fields,
      choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...choice }],
    },
    streamed: sse([
      chunk({ role: 'assistant', content: content ?? null }, null, { choice }),
      chunk({ content: '', ...beside }, null),
      chunk({}, 'stop'),
      chunk({}, null, { fields }),
      '[DONE]',
    ]),
  };
}

function responses(...output: Json[]) {
  const whole = {
    id: 'r',
    object: 'response',
    status: 'completed',
    output,
    usage: { input_tokens: 5, output_tokens: 3 },
  };
  const events = output.map((item, index): Json => ({ type: 'response.output_item.done', output_index: index, item }));
  const created = { type: 'response.created', response: { id: 'r', output: [] } };
  return { whole, streamed: sse([created, ...events, { type: 'response.completed', response: whole }]) };
}

function messages(...content: Json[]) {
  const head = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'm',
    usage: { input_tokens: 5, output_tokens: 3 },
  };
  const blocks = content.flatMap((block, index): Json[] => [
    { type: 'content_block_start', index, content_block: block },
    { type: 'content_block_stop', index },
  ]);
  const end = [{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }];
  return {
    whole: { ...head, content, stop_reason: 'end_turn' },
    streamed: sse([{ type: 'message_start', message: { ...head, content: [] } }, ...blocks, ...end]),
  };
}

const item = (part: Json): Json => ({
  type: 'message',
  id: 'msg_1',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'hello', annotations: [], logprobs: [], ...part }],
});

const protocols = { chat: 'openai', responses: 'responses', messages: 'anthropic' } as const;
const bodies: Record<DialectId, Json> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] },
};

type Given = { whole: Json; streamed: string };

async function ask(protocol: keyof typeof protocols, given: Given, dialect: DialectId, stream: boolean) {
  const provider = { name: 'p', api_base_url: 'http://p.test/v1', protocol: protocols[protocol], models: ['m'] };
  const bench = createGatewayBench(
    { Providers: [provider], Router: { default: 'p,m', tierRetries: { 'tier-0': { max_retries: 1 } } } },
    () => Promise.resolve(replyWith(200, stream ? given.streamed : given.whole)),
  );
  const { done, received } = bench.ask({ dialect, body: { model: 'auto', stream, ...bodies[dialect] } });
  await bench.clock.advance(10_000);
  await done;
  const warnings = bench.records[0]?.warnings.join('\n') ?? '';
  return { text: received.text, status: received.status, attempts: bench.calls.length, warnings };
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

const rows: [name: string, protocol: keyof typeof protocols, given: Given, dialect: DialectId, expected: string[], warning: RegExp][] = [
  ['annotations', 'chat', chat({ content: 'hello', annotations: [annotation] }), 'openai-chat', [JSON.stringify(annotation)], /^$/],
  ['annotations', 'chat', chat({ content: 'hello', annotations: [annotation] }), 'openai-responses', ['"start_index":0,"end_index":5,"url":"https://example.org/rings","title":"Rings"'], /^$/],
  ['annotations', 'chat', chat({ content: 'hello', annotations: [annotation] }), 'anthropic-messages', ['Sources:\\n1. Rings: https://example.org/rings'], /listed at its end/],
  ['flat annotations', 'chat', chat({ content: 'hello', annotations: [flatAnnotation] }), 'openai-responses', [page.url], /^$/],
  ['citations of Perplexity', 'chat', chat({ content: 'hello [1]' }, { fields: { citations: [page.url], search_results: [page] } }), 'openai-chat', ['"citations":["https://example.org/rings"]', '"search_results":[{'], /^$/],
  ['citations of Perplexity', 'chat', chat({ content: 'hello [1]' }, { fields: { citations: [page.url], search_results: [page] } }), 'openai-responses', ['"url_citation"', '"title":"Rings"'], /^$/],
  ['citations of Perplexity', 'chat', chat({ content: 'hello [1]' }, { fields: { citations: [page.url], search_results: [page] } }), 'anthropic-messages', ['1. Rings: https://example.org/rings'], /listed/],
  ['citations of xAI', 'chat', chat({ content: 'hello' }, { fields: { citations: [page.url] } }), 'openai-chat', ['"citations":["https://example.org/rings"]'], /^$/],
  ['citations of xAI', 'chat', chat({ content: 'hello' }, { fields: { citations: [page.url] } }), 'anthropic-messages', ['1. https://example.org/rings'], /listed/],
  ['references of Mistral', 'chat', chat({ content: [{ type: 'text', text: 'hello' }, { type: 'reference', reference_ids: [1] }] }), 'openai-chat', ['{"type":"reference","reference_ids":[1]}'], /^$/],
  ['references of Mistral', 'chat', chat({ content: [{ type: 'text', text: 'hello' }, { type: 'reference', reference_ids: [1] }] }), 'openai-responses', ['hello'], / 1 citations without an address/],
  ['logprobs', 'chat', chat({ content: 'hello' }, { choice: { logprobs: { content: [token], refusal: null } } }), 'openai-chat', [JSON.stringify(token)], /^$/],
  ['logprobs', 'chat', chat({ content: 'hello' }, { choice: { logprobs: { content: [token], refusal: null } } }), 'openai-responses', [`"logprobs":[${JSON.stringify(token)}]`], /^$/],
  ['logprobs', 'chat', chat({ content: 'hello' }, { choice: { logprobs: { content: [token], refusal: null } } }), 'anthropic-messages', ['hello'], /logprobs/],
  ['logprobs', 'responses', responses(item({ logprobs: [token] })), 'openai-chat', [JSON.stringify(token)], /^$/],
  ['only an image', 'chat', chat({ content: null, images: [{ type: 'image_url', image_url: { url: dataUrl } }] }), 'openai-chat', [`"images":[{"type":"image_url","image_url":{"url":"${dataUrl}"}}]`], /^$/],
  ['only an image', 'chat', chat({ content: null, images: [{ type: 'image_url', image_url: { url: dataUrl } }] }), 'openai-responses', ['"image_generation_call"', `"result":"${png}"`], /^$/],
  ['only an image', 'chat', chat({ content: null, images: [{ type: 'image_url', image_url: { url: dataUrl } }] }), 'anthropic-messages', ['[image (image/png, 1 KiB) omitted'], /an image/],
  ['an image in parts', 'chat', chat({ content: [{ type: 'text', text: 'hello' }, { type: 'image_url', image_url: { url: dataUrl } }] }), 'openai-chat', ['"images":[', 'hello'], /^$/],
  ['an image as Gemini has it', 'chat', chat({ content: [{ inline_data: { mime_type: 'image/png', data: png } }] }), 'openai-responses', [`"result":"${png}"`], /^$/],
  ['an image as Gemini has it', 'chat', chat({ content: [{ type: 'image', inlineData: { mimeType: 'image/png', data: png } }] }), 'anthropic-messages', ['[image (image/png, 1 KiB) omitted'], /an image/],
  ['an image as Anthropic has it', 'chat', chat({ content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }] }), 'openai-responses', [`"result":"${png}"`], /^$/],
  ['an image as the AI SDK has it', 'chat', chat({ content: [{ type: 'image', image: dataUrl }] }), 'openai-responses', [`"result":"${png}"`], /^$/],
  ['a link to an image', 'chat', chat({ content: null, images: [{ type: 'image_url', image_url: { url: page.url } }] }), 'anthropic-messages', ['![image](<https://example.org/rings>)'], /an image/],
  ['a link to an image', 'chat', chat({ content: null, images: [{ type: 'image_url', image_url: { url: page.url } }] }), 'openai-responses', ['![image](<https://example.org/rings>)'], /an image/],
  ['only a sound', 'chat', chat({ content: null, audio: { id: 'a', data: 'AAAA', transcript: 'Good day', expires_at: 1 } }), 'openai-chat', ['"audio":{"id":"a","data":"AAAA","transcript":"Good day","expires_at":1}'], /^$/],
  ['only a sound', 'chat', chat({ content: null, audio: { id: 'a', data: 'AAAA', transcript: 'Good day', expires_at: 1 } }), 'openai-responses', ['Good day'], /a sound/],
  ['only a sound', 'chat', chat({ content: null, audio: { id: 'a', data: 'AAAA', transcript: 'Good day', expires_at: 1 } }), 'anthropic-messages', ['Good day'], /a sound/],
  ['a part of an unknown type', 'chat', chat({ content: [{ type: 'hologram', id: 7 }] }), 'openai-chat', ['"stop"'], /"hologram"/],
  ['no content, but tokens', 'chat', { ...chat({ content: '' }), streamed: sse([{ choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }], usage }, '[DONE]']) }, 'openai-chat', ['"stop"'], /produced tokens/],
  ['annotations', 'responses', responses(item({ annotations: [flatAnnotation] })), 'openai-chat', ['"url_citation":{"url":"https://example.org/rings","title":"Rings","start_index":0,"end_index":5}'], /^$/],
  ['annotations', 'responses', responses(item({ annotations: [flatAnnotation] })), 'anthropic-messages', ['Sources:\\n1. Rings'], /listed/],
  ['a generated image', 'responses', responses({ type: 'image_generation_call', id: 'ig_1', status: 'completed', result: png }), 'openai-chat', [`"url":"${dataUrl}"`], /^$/],
  ['a generated image', 'responses', responses({ type: 'image_generation_call', id: 'ig_1', status: 'completed', result: png }), 'anthropic-messages', ['[image (image/png, 1 KiB) omitted'], /an image/],
  ['another hosted call', 'responses', responses({ type: 'web_search_call', id: 'ws_1', status: 'completed' }, item({})), 'openai-chat', ['hello'], /"web_search_call"/],
  ['citations', 'messages', messages({ type: 'text', text: 'hello', citations: [searchLocation] }), 'openai-chat', ['"url_citation":{"url":"https://example.org/rings","title":"Rings","start_index":0,"end_index":5}'], /^$/],
  ['citations', 'messages', messages({ type: 'text', text: 'hello', citations: [searchLocation] }), 'openai-responses', ['"end_index":5,"url":"https://example.org/rings"'], /^$/],
  ['an image', 'messages', messages({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }), 'openai-chat', [`"url":"${dataUrl}"`], /^$/],
  ['an image', 'messages', messages({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }), 'openai-responses', [`"result":"${png}"`], /^$/],
]; // prettier-ignore

describe('what an answer has beside text', () => {
  it.each(rows.flatMap(([name, ...row]) => [false, true].map((stream) => [name, stream, ...row] as const)))(
    '%s, streamed: %s, from %s',
    async (_, stream, protocol, given, dialect, expected, warning) => {
      const { text, status, attempts, warnings } = await ask(protocol, given, dialect, stream);
      expect({ status, attempts }).toEqual({ status: 200, attempts: 1 });
      for (const each of expected)
        expect(text).toContain(each.includes('\\n') || each.includes('"') ? each : escaped(each));
      expect(warnings).toMatch(warning);
    },
  );

  it.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)(
    'retries for an empty answer that cost nothing: %s',
    async (dialect) => {
      const empty = { ...chat({ content: '' }).whole, usage: undefined };
      const { text, attempts } = await ask('chat', { whole: empty, streamed: '' }, dialect, false);
      expect(attempts).toBe(2);
      expect(text).toContain('empty answer');
    },
  );
});
