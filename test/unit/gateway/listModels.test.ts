import { describe, expect, it } from 'vitest';
import { providerSchema } from '../../../src/config/schema.ts';
import { listModels } from '../../../src/gateway/listModels.ts';
import type { UpstreamCall } from '../../../src/gateway/upstream.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { replyWith, type Answering } from '../../support/gatewayBench.ts';

function list(changes: object, answer: Answering) {
  const calls: UpstreamCall[] = [];
  const clock = createFakeClock();
  const config = providerSchema.parse({ name: 'one', api_base_url: 'http://one.test/v1', models: [], ...changes });
  const upstream = {
    send(call: UpstreamCall) {
      calls.push(call);
      return answer(call);
    },
    close: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
  return { calls, clock, names: listModels(config, { upstream, clock }) };
}

const two = { object: 'list', data: [{ id: 'small', object: 'model' }, { id: 'large' }] };

describe('the models of a provider', () => {
  it('are requested from its endpoint, with its key', async () => {
    const { calls, names } = list({ api_key: 'key' }, () => Promise.resolve(replyWith(200, two)));
    expect(await names).toEqual(['small', 'large']);
    expect(calls[0]).toMatchObject({ method: 'GET', url: 'http://one.test/v1/models' });
    expect(calls[0]?.headers).toMatchObject({ authorization: 'Bearer key' });
  });

  it('are requested from Anthropic with its headers', async () => {
    const changes = { protocol: 'anthropic', api_base_url: 'https://api.anthropic.com', api_key: 'key' };
    const { calls, names } = list(changes, () => Promise.resolve(replyWith(200, two)));
    await names;
    expect(calls[0]?.url).toBe('https://api.anthropic.com/v1/models');
    expect(calls[0]?.headers).toMatchObject({ 'x-api-key': 'key', 'anthropic-version': '2023-06-01' });
  });

  it.each<[string, Answering]>([
    ['a page without a list', () => Promise.resolve(replyWith(200, { hello: 'there' }))],
    ['no JSON', () => Promise.resolve(replyWith(200, '<html>'))],
    ['a refusal', () => Promise.resolve(replyWith(404, two))],
  ])('are unknown after %s', async (_, answer) => {
    await expect(list({}, answer).names).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringMatching(/^one has no list of models at this address/),
    });
  });

  it('are given up after a time limit', async () => {
    const { clock, names } = list(
      {},
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await Promise.all([clock.advance(10_000), expect(names).rejects.toMatchObject({ kind: 'timeout' })]);
  });
});
