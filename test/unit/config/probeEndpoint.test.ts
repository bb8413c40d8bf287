import { describe, expect, it } from 'vitest';
import {
  keyVariableOf,
  likelyProtocols,
  listEndpointModels,
  probeProtocol,
  suggestName,
  type Prober,
} from '../../../src/config/probeEndpoint.ts';

const provider = { name: 'n', api_base_url: 'https://host/v1', models: ['m'] };

/** A server that answers each protocol so. */
function server(faults: Record<string, { part: string; message: string } | undefined>): Prober & { tried: string[] } {
  const tried: string[] = [];
  return {
    tried,
    models: async ({ protocol = '' }) => {
      tried.push(protocol);
      if (faults[protocol]) throw new Error('no list');
      return [`${protocol}-model`];
    },
    check: async ({ protocol = '' }) => {
      tried.push(protocol);
      return faults[protocol];
    },
  };
}
const wrong = { part: 'endpoint', message: 'Not found' };

describe('a server at a URL', () => {
  it('speaks the first protocol that it answers', async () => {
    const prober = server({ openai: wrong, responses: undefined });
    expect(await probeProtocol(provider, 'm', prober)).toEqual({ protocol: 'responses' });
    expect(prober.tried).toEqual(['openai', 'responses']);
  });

  it.each(['quota', 'key', 'model'])('speaks one that fails for its %s only', async (part) => {
    const prober = server({ openai: wrong, responses: wrong, anthropic: { part, message: 'Pay first' } });
    expect(await probeProtocol(provider, 'm', prober)).toEqual({ protocol: 'anthropic', remark: 'Pay first' });
  });

  it('speaks none, and each attempt is told', async () => {
    const probe = await probeProtocol(provider, 'm', server({ openai: wrong, responses: wrong, anthropic: wrong }));
    expect(probe).toEqual({ why: 'openai: Not found responses: Not found anthropic: Not found' });
  });

  it('is asked once if it can’t be reached', async () => {
    const prober = server({ openai: { part: 'connection', message: 'Refused' } });
    expect(await probeProtocol(provider, 'm', prober)).toEqual({ why: 'Refused' });
    expect(prober.tried).toEqual(['openai']);
  });

  it('lists its models in either format, or none', async () => {
    expect(await listEndpointModels(provider, server({ openai: wrong }))).toEqual(['anthropic-model']);
    expect(await listEndpointModels(provider, server({ openai: wrong, anthropic: wrong }))).toEqual([]);
  });

  it.each<[string, string]>([
    ['https://host/v1/responses', 'responses'],
    ['https://host/v1/messages', 'anthropic'],
    ['https://host/anthropic', 'anthropic'],
    ['https://host/v1', 'openai'],
  ])('%s is tried as %s first', (url, first) => {
    expect(likelyProtocols(url)[0]).toBe(first);
    expect(likelyProtocols(url)).toHaveLength(3);
  });

  it.each<[string, string[], string]>([
    ['https://api.some-host.com/v1', [], 'some-host'],
    ['https://api.some-host.com/v1', ['some-host', 'some-host-2'], 'some-host-3'],
    ['http://127.0.0.1:8000', [], 'local'],
    ['http://localhost:8000', [], 'localhost'],
    ['https://api/v1', [], 'custom'],
  ])('%s is called, beside %j, %s', (url, taken, name) => expect(suggestName(url, taken)).toBe(name));

  it('has a variable for its key', () => expect(keyVariableOf('some-host.2')).toBe('SOME_HOST_2_API_KEY'));
});
