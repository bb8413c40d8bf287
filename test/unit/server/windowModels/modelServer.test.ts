import { afterEach, describe, expect, it } from 'vitest';
import {
  ModelError,
  startModelServer,
  type ModelServer,
  type ModelSource,
} from '../../../../src/server/windowModels/modelServer.ts';

let server: ModelServer | undefined;
afterEach(() => server?.close());

async function serve(ask: ModelSource['ask']) {
  server = await startModelServer({ list: async () => ['v/a', 'v/b'], ask });
  const { url, key } = server;
  return (path: string, body?: object, authorization = `Bearer ${key}`): Promise<Response> =>
    fetch(url + path, {
      method: body ? 'POST' : 'GET',
      headers: { authorization },
      ...(body && { body: JSON.stringify(body) }),
    });
}

const chat = '/v1/chat/completions';
const question = { model: 'v/a', messages: [{ role: 'user', content: 'Hi' }] };
const speak: ModelSource['ask'] = async (_, emit) => {
  emit({ type: 'text', text: 'Hel' });
  emit({ type: 'text', text: 'lo' });
  emit({ type: 'call', id: 'c1', name: 'read', input: { a: 1 } });
  emit({ type: 'call', id: 'c2', name: 'read', input: {} });
  return { input: 3, output: 2 };
};
const calls = [
  { id: 'c1', type: 'function', function: { name: 'read', arguments: '{"a":1}' } },
  { id: 'c2', type: 'function', function: { name: 'read', arguments: '{}' } },
];
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

describe("the window's server", () => {
  it('refuses a request without its key', async () => {
    const ask = await serve(speak);
    for (const given of ['', 'Bearer x', `Bearer ${'x'.repeat(43)}`, server?.key ?? '']) {
      const reply = await ask(chat, question, given);
      expect([reply.status, await reply.json()]).toMatchObject([401, { error: { message: 'Missing or wrong key.' } }]);
    }
  });

  it('lists models, and has nothing else', async () => {
    const ask = await serve(speak);
    expect(await (await ask('/v1/models')).json()).toMatchObject({ data: [{ id: 'v/a' }, { id: 'v/b' }] });
    expect((await ask('/v1/other')).status).toBe(404);
    expect((await ask(chat)).status).toBe(404);
  });

  it('answers whole, with calls and the count of tokens', async () => {
    const ask = await serve(speak);
    expect(await (await ask(chat, question)).json()).toMatchObject({
      model: 'v/a',
      choices: [{ message: { role: 'assistant', content: 'Hello', tool_calls: calls }, finish_reason: 'tool_calls' }],
      usage,
    });
  });

  it('streams the same', async () => {
    const ask = await serve(speak);
    const text = await (await ask(chat, { ...question, stream: true })).text();
    const chunks = text
      .split('\n\n')
      .flatMap((frame) => (frame.startsWith('data: {') ? JSON.parse(frame.slice(6)) : []));
    expect(chunks).toMatchObject([
      { choices: [{ delta: { content: 'Hel' } }] },
      { choices: [{ delta: { content: 'lo' } }] },
      { choices: [{ delta: { tool_calls: [{ index: 0, ...calls[0] }] } }] },
      { choices: [{ delta: { tool_calls: [{ index: 1, ...calls[1] }] } }] },
      { choices: [{ delta: {}, finish_reason: 'tool_calls' }] },
      { choices: [], usage },
    ]);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it.each([
    { error: new ModelError(403, 'not allowed'), status: 403, message: 'not allowed' },
    { error: new Error('broken'), status: 502, message: 'broken' },
  ])('says why it refuses: $message', async ({ error, status, message }) => {
    const ask = await serve(async () => {
      throw error;
    });
    for (const stream of [true, false]) {
      const reply = await ask(chat, { ...question, stream });
      expect([reply.status, await reply.json()]).toMatchObject([status, { error: { message } }]);
    }
  });

  it('sends an error as an event once it has begun', async () => {
    const ask = await serve(async (_, emit) => {
      emit({ type: 'text', text: 'so far' });
      throw new Error('cut');
    });
    const reply = await ask(chat, { ...question, stream: true });
    const text = await reply.text();
    expect(text).toContain('so far');
    expect(text).toContain('data: {"error":{"message":"cut"');
    expect(text).not.toContain('[DONE]');
  });

  it.each([{ model: 'v/a' }, { messages: [] }])('refuses a body that it can not read: %j', async (body) => {
    const ask = await serve(speak);
    expect((await ask(chat, body)).status).toBe(400);
  });

  it('aborts when the client goes', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    await serve(async (_, emit, signal) => {
      emit({ type: 'text', text: 'so far' });
      started.resolve(signal);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    });
    const client = new AbortController();
    const reply = await fetch((server?.url ?? '') + chat, {
      method: 'POST',
      headers: { authorization: `Bearer ${server?.key}` },
      body: JSON.stringify({ ...question, stream: true }),
      signal: client.signal,
    });
    const signal = await started.promise;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    client.abort();
    await reply.text().catch(() => undefined);
    await aborted;
    expect(signal.aborted).toBe(true);
  });
});
