import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import { providerSchema } from '../../../src/config/schema.ts';
import { checkProvider } from '../../../src/gateway/liveCheck.ts';
import type { UpstreamCall } from '../../../src/gateway/upstream.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { chatChunk, replyWith, type Answering } from '../../support/gatewayBench.ts';

const good = chatChunk({ role: 'assistant', content: 'OK' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';

async function check(changes: object, answer: Answering, once = false) {
  const calls: UpstreamCall[] = [];
  const config = providerSchema.parse({
    name: 'one',
    api_base_url: 'http://one.test/v1',
    api_key: 'first-key',
    models: ['small', 'large'],
    ...changes,
  });
  const upstream = {
    send(call: UpstreamCall) {
      calls.push(call);
      return answer(call);
    },
    close: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
  const { signal } = new AbortController();
  const results = await checkProvider(config, { upstream: () => upstream, clock: createFakeClock(), signal, once });
  return { calls, results };
}

const modelOf = ({ body }: UpstreamCall) => (JSON.parse(body) as { model: string }).model;
const refuse = (status: number, error: object) => () => Promise.resolve(replyWith(status, { error }));

describe('a live check', () => {
  it('requests a few tokens from each model', async () => {
    const { calls, results } = await check({}, () => Promise.resolve(replyWith(200, good)));
    expect(results).toEqual([
      { provider: 'one', model: 'small', durationMs: 0 },
      { provider: 'one', model: 'large', durationMs: 0 },
    ]);
    expect(calls.map(modelOf)).toEqual(['small', 'large']);
    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ max_tokens: 16, stream: true });
  });

  it('reads only the first content, and releases the connection', async () => {
    let words = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; ; words++) yield Buffer.from(chatChunk({ content: 'OK' }));
    }
    const { calls } = await check({}, () => Promise.resolve({ ...replyWith(200, good), body: endless() }));
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(words).toBe(0);
  });

  it.each([
    [401, { message: 'Incorrect API key provided: first-key.', code: 'invalid_api_key' }, 'key'],
    [403, { message: 'No access.' }, 'key'],
    [402, { message: 'Insufficient Balance' }, 'quota'],
    [429, { message: 'Slow down.' }, 'quota'],
    [404, { message: 'The model `small` does not exist', code: 'model_not_found' }, 'model'],
    [404, { message: 'Not Found' }, 'endpoint'],
    [400, { message: 'What?' }, 'provider'],
    [500, { message: 'Oh.' }, 'provider'],
  ] as const)('of a %i %j finds the %s at fault, and quotes the error', async (status, error, part) => {
    const { results } = await check({ models: ['small'] }, refuse(status, error));
    const message = error.message.replace('first-key', '[key]');
    expect(results).toEqual([{ provider: 'one', model: 'small', durationMs: 0, fault: { part, message } }]);
  });

  it('skips other models after a rejected key or a missing endpoint', async () => {
    expect((await check({}, refuse(401, { message: 'No.' }))).calls).toHaveLength(1);
    const unreachable = () => Promise.reject(new GatewayError('connection', 'one.test refused the connection.'));
    const { calls, results } = await check({ api_keys: ['second-key'] }, unreachable);
    expect(calls).toHaveLength(1);
    expect(results[0]?.fault).toEqual({ part: 'connection', message: 'one.test refused the connection.' });
  });

  it('checks every key of a pool, and the models with the first that works', async () => {
    const answer: Answering = ({ headers }) =>
      Promise.resolve(
        headers['authorization'] === 'Bearer second-key'
          ? replyWith(200, good)
          : replyWith(401, { error: { message: 'No.' } }),
      );
    const { calls, results } = await check({ api_keys: ['second-key', 'third-key'] }, answer);
    expect(results.map(({ model, key, fault }) => [model, key, fault?.part])).toEqual([
      ['small', 1, 'key'],
      ['small', 2, undefined],
      ['small', 3, 'key'],
      ['large', 2, undefined],
    ]);
    expect(calls.at(-1)?.headers['authorization']).toBe('Bearer second-key');
  });

  it('checks one model if only the keys matter', async () => {
    const { calls } = await check({}, () => Promise.resolve(replyWith(200, good)), true);
    expect(calls.map(modelOf)).toEqual(['small']);
  });
});
