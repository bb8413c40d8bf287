// Three keys for one provider, one dead and one rate-limited. Clients get their answers without an error, and nothing that
// the gateway shows contains a key, although the provider's errors quote them.
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rateLimit, toolScript } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { StandIn } from '../upstream/standIn.ts';
import { providerEntry, quickRetries, startGateway } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const keys = { dead: 'the dead key of three', limited: 'the limited key of three', good: 'the good key of three' };

let standIn: StandIn;
let gateway: Gateway;
beforeAll(async () => {
  standIn = await startStandIn({
    provider: 'openai-responses',
    script: toolScript({ city: 'Zürich' }, 'It rains.'),
    apiKey: keys.good,
    badKeys: {
      [keys.dead]: {
        kind: 'refuse',
        status: 401,
        code: 'invalid_api_key',
        message: `Incorrect API key provided: ${keys.dead}.`,
      },
      [keys.limited]: rateLimit(`Rate limit reached for ${keys.limited}.`),
    },
  });
  const api_keys = ['${LIMITED}', '${UNSET}', '${GOOD}'];
  gateway = await startGateway(
    {
      Providers: [providerEntry('openai', standIn, ['gpt-5'], { protocol: 'responses', api_key: '${DEAD}', api_keys })],
      Router: { default: 'openai,gpt-5', tierRetries: quickRetries },
    },
    { DEAD: keys.dead, LIMITED: keys.limited, GOOD: keys.good, CCR_LOG: 'debug' },
  );
});
afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});

function askedKeys(): (string | undefined)[] {
  const names = Object.entries(keys);
  return standIn.requests.splice(0).map(({ headers }) => {
    const sent = headers.authorization?.replace('Bearer ', '');
    return names.find(([, key]) => key === sent)?.[0];
  });
}

test('a client gets its answers, streamed and not, from the key that works', async () => {
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
  const responses = [];
  for (const conversation of ['a', 'b', 'a', 'c', 'b']) {
    const options = { headers: { 'session-id': conversation } };
    const stream = client.responses.stream({ model: 'auto', input: 'Hello' }, options);
    responses.push((await stream.finalResponse()).output_text);
    const { data, response } = await client.chat.completions
      .create({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] }, options)
      .withResponse();
    responses.push(data.choices[0]?.message.content);
    expect(response.headers.get('x-ccr-route')).toBe('openai,gpt-5; reason=default; attempt=1');
  }
  expect(responses).toEqual(Array.from({ length: 10 }, () => 'It rains.'));
  // Each of the two bad keys was asked once, and was then on cooldown.
  expect(askedKeys()).toEqual(['dead', 'limited', ...Array.from({ length: 10 }, () => 'good')]);
});

test('log, status and pages show the errors without the keys', async () => {
  const validated = await gateway.ccr(['validate'], { DEAD: keys.dead, LIMITED: keys.limited, GOOD: keys.good });
  const status = await gateway.ccr(['status', '--json']);
  const pages = await Promise.all(
    ['/metrics', '/health', '/v1/latencies', '/v1/models'].map(async (page) =>
      (await fetch(gateway.url + page)).text(),
    ),
  );
  const shown = [gateway.output(), validated.stdout, validated.stderr, status.stdout, status.stderr, ...pages].join(
    '\n',
  );
  for (const expected of [
    'openai,gpt-5: key 1 of 3 is on cooldown for 60 s: Incorrect API key provided: [key].',
    'openai,gpt-5: key 2 of 3 is on cooldown for 600 s: Rate limit reached for [key].',
    'openai,gpt-5 (key 3) sent its first content',
    'Providers[0].api_keys[1] is ignored: ${UNSET} is not set.',
  ]) {
    expect(shown).toContain(expected);
  }
  for (const key of Object.values(keys)) expect(shown).not.toContain(key.slice(0, 10));
});
