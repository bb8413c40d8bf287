// Attacks by clients and providers on a running gateway, over real sockets: each is answered as it should be, and afterwards
// no planted secret is in anything that the gateway has sent, logged or recorded, and it still answers.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type Gateway } from '../gateway.ts';
import { misdeeds, startHostileProvider, type Protocol } from './hostileProvider.ts';
import { sendRaw, type Answered, type RawRequest } from './rawHttp.ts';
import { bodyAttacks, gets, headerAttacks, posts, urlBodies, type Attack } from './table.ts';

const secrets = {
  key: 'planted-key-QX71-of-the-provider',
  header: 'planted header ZK82 of the provider',
  query: 'planted-query-WJ93-of-the-provider',
  proxy: 'planted-proxy-password-VB64',
  control: '',
};
const token = 'planted-client-token-LM55';
const prompt = 'planted prompt: my diary says that HT28 is the code of the safe.';
const protocols: readonly Protocol[] = ['openai', 'responses', 'anthropic'];
const mischief = Object.keys(misdeeds);

let gateway: Gateway;
let provider: Awaited<ReturnType<typeof startHostileProvider>>;
let checks = 0;
/** Everything that clients got. */
const received: Answered[] = [];

beforeAll(async () => {
  provider = await startHostileProvider();
  gateway = await startGateway({
    APIKEY: token,
    PROXY_URL: `http://someone:${secrets.proxy}@127.0.0.1:9`,
    Providers: protocols.map((protocol) => ({
      name: protocol,
      protocol,
      api_base_url: `${provider.url}/v1?key=${secrets.query}`,
      api_key: secrets.key,
      extra_headers: { 'X-Corp-Route': secrets.header },
      models: ['m', ...mischief],
    })),
    Router: {
      default: 'openai,m',
      tierRetries: Object.fromEntries(['tier-0', ...protocols].map((tier) => [tier, { max_retries: 0 }])),
    },
  });
  const folder = path.join(gateway.folders.home, '.claude-code-router', 'run');
  const [file = ''] = readdirSync(folder).filter((name) => /^\d+\.json$/.test(name));
  secrets.control = (JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { token: string }).token;
});

afterAll(async () => {
  await gateway?.stop();
  provider?.close();
});

async function send(request: RawRequest): Promise<Answered> {
  checks++;
  const answer = await sendRaw(gateway.port, request);
  received.push(answer);
  return answer;
}

const authorized = [
  ['authorization', `Bearer ${token}`],
  ['content-type', 'application/json'],
] as const;

async function attack({ name, change, expected }: Attack, request: RawRequest): Promise<void> {
  const { status, body } = await send(change(request));
  expect(expected, `${name} at ${request.path}: ${status} ${body.slice(0, 300)}`).toContain(status);
  expect(body.length).toBeLessThan(200_000);
}

/** The control characters that JSON decodes to: a client prints the text of an error. */
function steeringIn({ body }: Answered): string[] {
  // A backslash of the text itself begins what is shown in place of such a character.
  const text = body.replaceAll('\\\\', '');
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  return text.match(/\\u00(?:0[0-8bcef]|1[0-9a-f]|7f|[89][0-9a-f])|[\u0000-\u0008\u001b\u202e]/g) ?? [];
}

describe('a hostile client', () => {
  test.each(bodyAttacks)('with $name', async (each) => {
    for (const { path: at, body } of posts)
      await attack(each, { path: at, headers: authorized, body: JSON.stringify(body(prompt)) });
  });

  test.each(headerAttacks)('with $name', async (each) => {
    for (const { path: at, body } of posts)
      await attack(each, { path: at, headers: authorized, body: JSON.stringify(body(prompt)) });
    const isPost = /content|form/.test(each.name);
    for (const at of isPost ? [] : gets) await attack(each, { method: 'GET', path: at, headers: authorized });
  });

  test('names addresses, to which the gateway does not connect', async () => {
    for (const url of [provider.elsewhere, provider.elsewhere.replace('http:', 'file:'), 'file:///etc/passwd'])
      for (const [at, body] of urlBodies(url)) {
        const answer = await send({ path: at, headers: authorized, body: JSON.stringify(body) });
        expect([200, 400]).toContain(answer.status);
        expect(answer.body).not.toContain('root:');
      }
    expect(provider.strayConnections()).toBe(0);
  });
});

describe('a hostile provider', () => {
  test.each(mischief)('that %s', async (model) => {
    for (const protocol of protocols)
      for (const { path: at, body } of posts.slice(0, 3))
        for (const stream of [true, false]) {
          const asked = { ...body(prompt), model: `${protocol},${model}`, stream };
          const answer = await send({ path: at, headers: authorized, body: JSON.stringify(asked) });
          expect(answer.status, answer.body.slice(0, 300)).toBeGreaterThanOrEqual(200);
          expect(answer.body).not.toMatch(/"internal_error"|CCR failed on this request/);
          expect(steeringIn(answer)).toEqual([]);
          expect(answer.head).not.toContain('theirs');
        }
  });

  test('gets no request of the gateway redirected to another place', () => {
    expect(provider.strayConnections()).toBe(0);
  });
});

describe('after all attacks', () => {
  test('there were enough of them', () => {
    expect(checks).toBeGreaterThanOrEqual(300);
  });

  test('the gateway answers as before', async () => {
    for (const { path: at, body } of posts.slice(0, 3)) {
      const answer = await send({ path: at, headers: authorized, body: JSON.stringify(body('Hi')) });
      expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('Hi')]);
    }
    expect(gateway.output()).not.toMatch(/UnhandledPromise|RangeError|TypeError|CCR failed/);
  });

  test('no secret is in an answer, a record or the log', async () => {
    const headers = [['authorization', `Bearer ${secrets.control}`]] as const;
    const [state, records, metrics] = await Promise.all([
      sendRaw(gateway.port, { method: 'GET', path: '/ccr/state', headers }),
      sendRaw(gateway.port, { method: 'GET', path: '/ccr/requests', headers }),
      sendRaw(gateway.port, { method: 'GET', path: '/metrics', headers: authorized }),
    ]);
    expect([state.status, records.status, metrics.status]).toEqual([200, 200, 200]);
    const kept = [state.whole, records.whole, metrics.whole, gateway.output()];
    // A reply that is no error passes unchanged: a model may have to write a key.
    const sent = received.map(({ whole }) => whole).filter((whole) => !/^x-ccr-route: \w+,quotes-field;/im.test(whole));
    expect(received.length - sent.length).toBeGreaterThan(5);
    for (const [name, secret] of Object.entries(secrets)) {
      expect(secret.length, name).toBeGreaterThan(20);
      for (const text of [...kept, ...sent])
        expect(text.includes(secret), `${name} in ${text.slice(0, 400)}`).toBe(false);
    }
    for (const text of kept) expect(text).not.toMatch(/HT28|my diary says/);
    expect([...kept, ...sent].join('')).not.toContain(token);
  });

  test('the log has only whole lines of its own', () => {
    const lines = gateway.output().trimEnd().split('\n');
    const forged = lines.filter(
      (line) => !/^(?:\d{4}-\d\d-\d\dT[\d:.]+Z (?:error|warn|info) |CCR .* is ready at )/.test(line),
    );
    expect(forged).toEqual([]);
    expect(lines.filter((line) => line.startsWith('2026-01-01T00:00:00.000Z'))).toEqual([]);
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(gateway.output()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(10_000);
  });
});
