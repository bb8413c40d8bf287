// Answers that a content filter ends: a refusal in every dialect, asked once. And errors that the account or its time cause.
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { chatChunk, createGatewayBench, replyWith, type Asked } from '../../support/gatewayBench.ts';

const dialects: DialectId[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];

const protocols = {
  'openai-chat': 'openai',
  'openai-responses': 'responses',
  'anthropic-messages': 'anthropic',
} as const;

function configOf(protocol: DialectId, more: object = {}) {
  const at = (name: string) => ({
    name,
    api_base_url: `http://${name}.test/v1`,
    api_key: `key-of-${name}`,
    models: ['m'],
  });
  return {
    Providers: [{ ...at('one'), protocol: protocols[protocol], ...more }, at('two')],
    Router: {
      default: 'one,m',
      background: 'two,m',
      tierRetries: { 'tier-0': { max_retries: 2, base_backoff_ms: 1 } },
    },
  };
}

function bodyOf(dialect: DialectId, stream: boolean) {
  const model = 'auto';
  if (dialect === 'openai-responses') return { model, stream, input: 'Hello' };
  const messages = [{ role: 'user', content: 'Hello' }];
  return { model, stream, messages, ...(dialect === 'anthropic-messages' && { max_tokens: 100 }) };
}

type Wire = { status?: number; body: unknown; headers?: Record<string, string> };

async function ask(
  provider: DialectId,
  client: DialectId,
  stream: boolean,
  wire: Wire,
  more: object = {},
  asked: Partial<Asked> = {},
) {
  const bench = createGatewayBench(configOf(provider, more), ({ url }) =>
    Promise.resolve(
      !url.includes('two.test')
        ? replyWith(wire.status ?? 200, wire.body, wire.headers)
        : replyWith(200, { id: 'c', choices: [{ message: { content: 'FALLBACK' }, finish_reason: 'stop' }] }),
    ),
  );
  const { done, received } = bench.ask({ dialect: client, body: bodyOf(client, stream), ...asked });
  await bench.clock.advance(0);
  while (await bench.clock.next());
  await done;
  return { ...received, asked: bench.calls.length, record: bench.records.at(-1), clock: bench.clock };
}

const chatEnd = (reason: string, delta: object = {}) =>
  chatChunk({ role: 'assistant', ...delta }) + chatChunk({}, reason) + 'data: [DONE]\n\n';
const wholeChat = (reason: string | null, content: string | null = null, more: object = {}) => ({
  id: 'c', object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: reason }], ...more,
}); // prettier-ignore

/** How each dialect says that an answer was refused. */
const refused: Record<DialectId, RegExp> = {
  'openai-chat': /"finish_reason":"content_filter"/,
  'openai-responses': /"incomplete_details":\{"reason":"content_filter"\}/,
  'anthropic-messages': /"stop_reason":"refusal"/,
};

const reasons = [
  'content_filter', 'content_filter: PROHIBITED_CONTENT', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'RECITATION', 'SPII', 'SAFETY', 'IMAGE_SAFETY',
  'LANGUAGE', 'FINISH_REASON_SAFETY', 'sensitive', 'refusal', 'guardrail_intervened',
]; // prettier-ignore

describe.each(dialects)('a filtered answer, for a client of %s', (client) => {
  it.each(reasons)('%s without text is a refusal, asked once', async (reason) => {
    for (const stream of [true, false]) {
      const wire = { body: stream ? chatEnd(reason) : wholeChat(reason) };
      const { status, text, asked } = await ask('openai-chat', client, stream, wire);
      expect({ status, asked }).toEqual({ status: 200, asked: 1 });
      expect(text).toMatch(refused[client]);
    }
  });

  it.each(reasons)('%s with text keeps the text', async (reason) => {
    for (const stream of [true, false]) {
      const wire = { body: stream ? chatEnd(reason, { content: 'Partial' }) : wholeChat(reason, 'Partial') };
      const { text, asked } = await ask('openai-chat', client, stream, wire);
      expect(asked).toBe(1);
      expect(text).toContain('Partial');
      expect(text).toMatch(refused[client]);
    }
  });

  it('says why where the provider says nothing else', async () => {
    const { text } = await ask('openai-chat', client, true, { body: chatEnd('content_filter: PROHIBITED_CONTENT') }, { transformer: { use: ['glm'] } });
    if (client !== 'openai-chat') expect(text).toContain("The provider's content filter stopped the answer");
  });

  it.each<[string, object]>([
    ['a blocked prompt', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, choices: [] }],
    ['a flag', wholeChat('stop', '', { output_sensitive: true })],
    ['an unknown reason without text', wholeChat('OTHER')],
    ['an error inside a 200', { base_resp: { status_code: 1027, status_msg: 'output new_sensitive' } }],
  ])('%s is a refusal, asked once', async (_, body) => {
    const { text, asked } = await ask('openai-chat', client, false, { body });
    expect(asked).toBe(1);
    if (client !== 'openai-chat' || 'base_resp' in body) expect(text).toMatch(refused[client]);
  });

  it('an error of the filter in mid-answer ends it as refused', async () => {
    const error = { error: { code: 'data_inspection_failed', message: 'Output data may contain inappropriate content.' } };
    const body = `${chatChunk({ content: 'Partial' })}data: ${JSON.stringify(error)}\n\n`;
    const { text, asked } = await ask('openai-chat', client, true, { body });
    expect(asked).toBe(1);
    expect(text).toContain('Output data may contain inappropriate content.');
    if (client !== 'openai-chat') expect(text).toMatch(refused[client]);
  });

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'function_call_filter: MALFORMED_FUNCTION_CALL'])('%s is tried again', async (reason) => {
    const { status, asked, text } = await ask('openai-chat', client, false, { body: wholeChat(reason) });
    expect({ status, asked }).toEqual({ status: 200, asked: 4 });
    expect(text).toContain('FALLBACK');
  });

  it('a refused Messages answer and a refused response are refusals', async () => {
    const message = { id: 'm', type: 'message', role: 'assistant', content: [], stop_reason: 'refusal', usage: { input_tokens: 1, output_tokens: 0 } };
    const response = { id: 'r', object: 'response', status: 'incomplete', incomplete_details: { reason: 'content_filter' }, output: [] };
    for (const [provider, body] of [['anthropic-messages', message], ['openai-responses', response]] as const) {
      const { text, asked } = await ask(provider, client, false, { body });
      expect(asked).toBe(1);
      expect(text).toMatch(refused[client]);
    }
  });

  it('a filter that refuses the request is an error with its words, asked once', async () => {
    const error = { code: 'data_inspection_failed', message: 'Input data may contain inappropriate content.' };
    const { status, text, asked } = await ask('openai-chat', client, true, { status: 400, body: { error } });
    expect({ status, asked }).toEqual({ status: 400, asked: 1 });
    expect(text).toContain('Input data may contain inappropriate content.');
  });
}); // prettier-ignore

describe('a relay', () => {
  const relayed = { api_base_url: 'https://api.openai.com/v1' };
  it.each(reasons)('gives the client the one word that it knows for %s', async (reason) => {
    for (const stream of [true, false]) {
      const wire = { body: stream ? chatEnd(reason, { content: 'Hi' }) : wholeChat(reason, 'Hi', { own: 'field' }) };
      const { text, asked } = await ask('openai-chat', 'openai-chat', stream, wire, relayed);
      expect(asked).toBe(1);
      expect(text).toMatch(refused['openai-chat']);
      if (!stream) expect(text).toContain('"own":"field"');
    }
  });

  it('passes other reasons on as they are', async () => {
    const { text } = await ask(
      'openai-chat',
      'openai-chat',
      true,
      { body: chatEnd('eos', { content: 'Hi' }) },
      relayed,
    );
    expect(text).toContain('"finish_reason":"eos"');
  });
});

it('shows Codex a refusal as text, since it drops messages with a refusal', async () => {
  const { text } = await ask(
    'openai-chat',
    'openai-responses',
    true,
    { body: chatEnd('SAFETY') },
    {},
    { client: 'codex' },
  );
  expect(text).toContain('response.output_text.delta');
  expect(text).not.toContain('"type":"refusal"');
});

const tooLong = 'Your input exceeds the context window of this model.';
const overflow: Record<DialectId, RegExp> = {
  'openai-chat': /"code":"context_length_exceeded"/,
  'openai-responses': /"code":"context_length_exceeded"/,
  'anthropic-messages': /prompt is too long/,
};

describe.each(dialects)('a provider of %s whose context is too small', (provider) => {
  it.each(dialects)('makes a client of %s compact, asked once', async (client) => {
    const failed = { type: 'response.failed', response: { status: 'failed', error: { code: 'x', message: tooLong } } };
    const wires: Wire[] = [
      { status: 502, body: { error: { message: `upstream error: ${tooLong}` } } },
      { status: 500, body: { success: false, errorMsg: tooLong } },
      { body: { error: { message: tooLong } } },
      {
        body: `data: ${JSON.stringify(provider === 'openai-responses' ? failed : { error: { message: tooLong } })}\n\n`,
      },
    ];
    for (const wire of wires) {
      const { status, text, asked } = await ask(provider, client, true, wire);
      expect({ status, asked }).toEqual({ status: 400, asked: 1 });
      expect(text).toMatch(overflow[client]);
    }
  });
});

describe.each(dialects)('a provider of %s', (provider) => {
  it.each<[string, Wire]>([
    ['success: false', { body: { success: false, errorMsg: 'The engine is on holiday.' } }],
    ['code and msg', { body: { code: 500, msg: 'The engine is on holiday.' } }],
    ['XML', { status: 500, body: '<Error><Code>X</Code><Message>The engine is on holiday.</Message></Error>' }],
    ['JSON in JSON', { status: 500, body: { error: { message: '{"error":{"message":"The engine is on holiday."}}' } } }],
    ['an event', { body: 'event: error\ndata: {"errors":[{"message":"The engine is on holiday."}]}\n\n' }],
    ['text in an event', { body: 'data: error: The engine is on holiday.\n\n' }],
    ['an unknown shape', { status: 500, body: { why: 'The engine is on holiday.' } }],
  ])('has its words shown: %s', async (_, wire) => {
    for (const client of dialects) {
      const { text } = await ask(provider, client, true, wire, {}, { body: { ...bodyOf(client, true), model: 'one,m' } });
      const { attempts = [] } = (await ask(provider, client, true, wire)).record ?? {};
      expect(text + attempts.map(({ error }) => error?.message).join(' ')).toContain('The engine is on holiday.');
    }
  });
}); // prettier-ignore

describe('when to come back', () => {
  const only = (provider: object) => ({ Providers: [{ name: 'one', api_base_url: 'http://one.test/v1', api_key: 'key', models: ['m'], ...provider }], Router: { default: 'one,m' } });
  async function wait(wire: Wire, dialect: DialectId, more: object = {}) {
    const bench = createGatewayBench(only(more), () => Promise.resolve(replyWith(wire.status ?? 429, wire.body, wire.headers)));
    const { done, received } = bench.ask({ dialect, body: bodyOf(dialect, false) });
    await bench.clock.advance(0);
    await done;
    return { retryAfter: received.headers['retry-after'], warnings: bench.records.at(-1)?.warnings, now: bench.clock.now() };
  }
  const slow = { error: { message: 'Slow down.' } };

  it.each<[string, Wire, string]>([
    ['seconds', { body: slow, headers: { 'retry-after': '17' } }, '17'],
    ['a span', { body: slow, headers: { 'retry-after': '1m30s' } }, '90'],
    ['milliseconds', { body: slow, headers: { 'retry-after-ms': '2500' } }, '3'],
    ['a reset header', { body: slow, headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' } }, '360'],
    ['RetryInfo', { body: [{ error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' }] } }] }, '34'],
    ['RetryInfo within JSON text', { body: { error: { message: JSON.stringify({ error: { message: 'Slow down.', details: [{ retryDelay: '34s' }] } }) } } }, '34'],
    ['a field', { body: { error: { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_in_seconds: 700 } } }, '700'],
    ['words', { body: { error: { message: 'Please try again in 7m12s.' } } }, '432'],
    ['an error inside a 200', { status: 200, body: { error: { code: 429, message: 'Please retry in 20s.' } } }, '20'],
  ])('reads %s, for the cooldown and every client', async (_, wire, expected) => {
    for (const dialect of dialects) {
      const { retryAfter, warnings } = await wait(wire, dialect);
      expect(retryAfter).toBe(expected);
      expect(warnings?.join()).toContain(`on cooldown for ${expected} s`);
      const ignored = await wait(wire, dialect, { honor_ratelimit_headers: false });
      expect(ignored.warnings?.join()).toContain('on cooldown for 10 s');
    }
  });

  it('names the date of a long wait', async () => {
    const wire = { status: 400, body: { error: { message: 'You will regain access on 2023-11-20 at 00:00 UTC.' } } };
    const { warnings } = await wait(wire, 'anthropic-messages');
    expect(warnings?.join()).toContain('one,m is on cooldown until 2023-11-20 00:00 UTC');
  });
}); // prettier-ignore
