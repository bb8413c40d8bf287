import { describe, expect, it } from 'vitest';
import type { UpstreamCall, UpstreamReply } from '../../../src/gateway/upstream.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const keys = ['first-key-of-three', 'second-key-of-three', 'third-key-of-three'];
const provider = {
  name: 'one',
  api_base_url: 'http://one.test/v1',
  api_key: keys[0],
  api_keys: keys.slice(1),
  models: ['m', 'n'],
};
const config = {
  Providers: [
    provider,
    { name: 'two', api_base_url: 'http://two.test/v1', api_key: 'key-of-two', models: ['m'] },
    { name: 'open', api_base_url: 'http://127.0.0.1:1/v1', models: ['local'] },
  ],
  Router: { default: 'one,m', think: 'two,m', tierRetries: { 'tier-0': { max_retries: 1, base_backoff_ms: 0 } } },
};
const streamed = chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';
const good = (): UpstreamReply => replyWith(200, streamed);
const refusal = (status: number, message: string, headers: Record<string, string> = {}): UpstreamReply =>
  replyWith(status, { error: { message } }, headers);

function keyOf({ headers }: UpstreamCall): string {
  return headers['authorization']?.replace('Bearer ', '') ?? '';
}

/** A gateway whose providers answer by key. `talk` sends one message and waits for the whole answer. */
function start(byKey: Record<string, () => UpstreamReply> = {}, text: object = config) {
  const answers = new Map(Object.entries(byKey));
  const bench = createGatewayBench(text, (call) => Promise.resolve((answers.get(keyOf(call)) ?? good)()));
  async function talk(conversation: string, model = 'auto') {
    const before = bench.calls.length;
    const body = { model, stream: true, messages: [{ role: 'user', content: 'Hello' }] };
    const { done, received } = bench.ask({ dialect: 'openai-chat', body, headers: { 'session-id': conversation } });
    await bench.clock.advance(0);
    await done;
    const asked = bench.calls.slice(before).map((call) => keys.indexOf(keyOf(call)) + 1 || keyOf(call));
    return { asked, received, record: bench.records.at(-1) };
  }
  return { ...bench, answers, talk };
}

describe('a reload between two attempts', () => {
  const at = (host: string, more: object) => ({
    Providers: [{ name: 'one', api_base_url: `http://${host}.test/v1`, models: ['m'], ...more }],
    Router: { default: 'one,m', tierRetries: { 'tier-0': { max_retries: 1, base_backoff_ms: 100 } } },
  });

  it.each([
    ['the new address gets its own key', { api_key: 'key-of-the-new-host' }, 'key-of-the-new-host'],
    ['an address without a key gets none', {}, ''],
  ])('%s', async (_, more, key) => {
    const first = at('old', { api_key: 'key-of-the-old-host' });
    const bench = start({ 'key-of-the-old-host': () => refusal(500, 'Oh.') }, first);
    const { done } = bench.ask({
      dialect: 'openai-chat',
      body: { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] },
    });
    await bench.clock.advance(0);
    bench.reload(at('new', more));
    while (await bench.clock.next());
    await done;
    const asked = bench.calls.map((call) => `${new URL(call.url).host} ${keyOf(call)}`);
    expect(asked).toEqual(['old.test key-of-the-old-host', `new.test ${key}`]);
  });
});

describe('a pool of keys', () => {
  it('rotates for new conversations, and keeps the key of a known one', async () => {
    const { talk } = start();
    const asked: unknown[] = [];
    for (const conversation of ['a', 'b', 'a', 'c', 'd', 'b', 'c', 'a'])
      asked.push(...(await talk(conversation)).asked);
    expect(asked).toEqual([1, 2, 1, 3, 1, 2, 3, 1]);
  });

  it('has no effect for a provider with one key or none', async () => {
    const { talk } = start();
    expect((await talk('a', 'two,m')).asked).toEqual(['key-of-two']);
    const { asked, record } = await talk('a', 'open,local');
    expect(asked).toEqual(['']);
    expect(record?.attempts[0]).not.toHaveProperty('key');
  });

  it.each([
    [401, 'auth'],
    [402, 'quota'],
    [403, 'permission'],
    [429, 'rate-limited'],
  ])('replaces a key after a %d at once, and names it in a warning', async (status, kind) => {
    const { talk, logged } = start({ 'first-key-of-three': () => refusal(status, 'No more.') });
    const { asked, received, record } = await talk('a');
    expect(asked).toEqual([1, 2]);
    expect(received.text).toContain('"content":"Hi"');
    expect(received.headers['x-ccr-route']).toContain('attempt=2');
    expect(record?.attempts.map(({ key, error }) => [key, error?.kind])).toEqual([
      [1, kind],
      [2, undefined],
    ]);
    const pause = { 402: 600, 429: 10 }[status] ?? 60;
    expect(record?.warnings).toEqual([`one,m: key 1 of 3 is on cooldown for ${pause} s: No more.`]);
    expect(logged.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it.each([404, 529, 503])('keeps the key after a %d, which the key did not cause', async (status) => {
    const { talk, answers } = start({ 'first-key-of-three': () => refusal(status, 'Not now.') });
    const { asked } = await talk('a', 'one,m');
    expect(asked).toEqual(status === 503 ? [1, 1, 'key-of-two'] : [1, 'key-of-two']);
    answers.clear();
    expect((await talk('a', 'one,m')).asked).toEqual(status === 503 ? [1] : ['key-of-two']);
  });

  it('keeps a failing key on cooldown for its time, and a conversation with the key that replaced it', async () => {
    const { talk, answers, clock } = start({
      'first-key-of-three': () => refusal(429, 'Slow down.', { 'retry-after': '30' }),
    });
    expect((await talk('a')).asked).toEqual([1, 2]);
    expect((await talk('a')).asked).toEqual([2]);
    expect((await talk('b')).asked).toEqual([3]);
    expect((await talk('c')).asked).toEqual([2]);
    answers.clear();
    await clock.advance(29_999);
    expect((await talk('d')).asked).toEqual([3]);
    expect((await talk('e')).asked).toEqual([2]);
    await clock.advance(1);
    expect((await talk('f')).asked).toEqual([3]);
    expect((await talk('g')).asked).toEqual([1]);
    expect((await talk('a')).asked).toEqual([2]);
  });

  it('uses Retry-After only if the config allows it', async () => {
    const { talk, clock } = start(
      { 'first-key-of-three': () => refusal(429, 'Slow down.', { 'retry-after': '300' }) },
      { ...config, Providers: [{ ...provider, honor_ratelimit_headers: false }] },
    );
    await talk('a');
    await clock.advance(10_000);
    expect((await talk('b')).asked).toEqual([3]);
    expect((await talk('c')).asked).toEqual([1, 2]);
  });

  it('avoids an invalid key for all models of its provider, a limited one for one model', async () => {
    const { talk } = start({
      'first-key-of-three': () => refusal(401, 'Who?'),
      'second-key-of-three': () => refusal(429, 'Slow down.'),
    });
    expect((await talk('a', 'one,m')).asked).toEqual([1, 2, 3]);
    expect((await talk('b', 'one,n')).asked).toEqual([2, 3]);
  });

  it('uses the next target when no key is left, and returns when the first key is usable', async () => {
    const { talk, answers, clock } = start({
      'first-key-of-three': () => refusal(401, 'Who?'),
      'second-key-of-three': () => refusal(429, 'Slow down.', { 'retry-after': '20' }),
      'third-key-of-three': () => refusal(403, 'Not you.'),
    });
    const { asked, record } = await talk('a');
    expect(asked).toEqual([1, 2, 3, 'key-of-two']);
    expect(record?.warnings).toEqual([
      'one,m: key 1 of 3 is on cooldown for 60 s: Who?',
      'one,m: key 2 of 3 is on cooldown for 20 s: Slow down.',
      'one,m: key 3 of 3 is on cooldown for 60 s: Not you.',
      'one,m is on cooldown for 20 s: all of its 3 keys are on cooldown.',
    ]);
    await clock.advance(19_999);
    expect((await talk('a')).asked).toEqual(['key-of-two']);
    answers.delete('second-key-of-three');
    await clock.advance(1);
    expect((await talk('b')).asked).toEqual([2]);
  });

  it('does not count a change of key as a retry', async () => {
    let second = 0;
    const { talk } = start({
      'first-key-of-three': () => refusal(401, 'Who?'),
      'second-key-of-three': () => refusal(401, 'Who?'),
      'third-key-of-three': () => (second++ === 0 ? refusal(503, 'Later.') : good()),
    });
    const { asked, record } = await talk('a');
    expect(asked).toEqual([1, 2, 3, 3]);
    expect(record?.attempts.map(({ key }) => key)).toEqual([1, 2, 3, 3]);
  });

  it('reports the error of every key when no target is left, as a rate limit if one is limited', async () => {
    const alone = { ...config, Providers: [provider], Router: { default: 'one,m' } };
    const { talk } = start(
      {
        'first-key-of-three': () => refusal(429, 'Slow down.', { 'retry-after': '20' }),
        'second-key-of-three': () => refusal(401, 'Who?'),
        'third-key-of-three': () => refusal(429, 'Slower.', { 'retry-after': '40' }),
      },
      alone,
    );
    const { received, asked } = await talk('a');
    expect(asked).toEqual([1, 2, 3]);
    expect([received.status, received.headers['retry-after']]).toEqual([429, '20']);
    expect(received.text).toContain('key 1: Slow down.; key 2: Who?; key 3: Slower.');
    // All keys are on cooldown, but one of them is still tried.
    expect((await talk('a')).asked).toEqual([1]);
  });
});

describe("what belongs to a key's account", () => {
  const responses = { ...config, Providers: [{ ...provider, protocol: 'responses' }] };
  const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'BLOB' };
  const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go' }] };
  const message = { type: 'message', id: 'm', role: 'assistant', content: [{ type: 'output_text', text: 'Hi.' }] };
  const history = { store: false, input: [user, reasoning, message, user] };
  const answer = (id: string) => replyWith(200, { id, object: 'response', status: 'completed', output: [message] });
  const unverified = () => replyWith(400, { error: { message: 'No.', code: 'invalid_encrypted_content' } });

  /** `reply` gets the place of the key that was sent, from 1, and the body. */
  function startResponses(reply: (key: number, body: string) => UpstreamReply) {
    const placeOf = (call: UpstreamCall): number => keys.indexOf(keyOf(call)) + 1;
    const bench = createGatewayBench(responses, (call) => Promise.resolve(reply(placeOf(call), call.body)));
    async function talk(conversation: string, body: object) {
      await bench.ask({
        dialect: 'openai-responses',
        headers: { 'session-id': conversation },
        body: { model: 'auto', ...body },
      }).done;
      return bench.calls.splice(0).map((call) => [placeOf(call), call.body.includes('BLOB')]);
    }
    return { ...bench, talk };
  }

  it('is left out for the accounts that reject it, and only for those', async () => {
    let limited = true;
    const { talk, clock } = startResponses((key, body) => {
      if (key === 1 && limited) return refusal(429, 'Slow down.');
      return key !== 1 && body.includes('BLOB') ? unverified() : answer('r');
    });
    expect(await talk('a', history)).toEqual([
      [1, true],
      [2, true],
      [2, false],
    ]);
    expect(await talk('a', history)).toEqual([[2, false]]);
    limited = false;
    await clock.advance(10_000);
    expect(await talk('b', { input: [user] })).toEqual([[3, false]]);
    expect(await talk('c', history)).toEqual([[1, true]]);
  });

  it('is tried with the next key when the key that rejected it is rate-limited', async () => {
    const { talk } = startResponses((key, body) => {
      if (key !== 1) return answer('r');
      return body.includes('BLOB') ? unverified() : refusal(429, 'Slow down.');
    });
    expect(await talk('a', history)).toEqual([
      [1, true],
      [1, false],
      [2, true],
    ]);
  });

  it('are its stored responses: another key gets the whole conversation', async () => {
    let limited = false;
    const sent: unknown[] = [];
    const { talk } = startResponses((key, body) => {
      const { previous_response_id: previous, input } = JSON.parse(body) as Record<string, unknown[]>;
      sent.push([key, previous, input?.length]);
      return limited && key === 1 ? refusal(429, 'Slow down.') : answer('resp_1');
    });
    await talk('a', { input: [user] });
    await talk('a', { previous_response_id: 'resp_1', input: [user] });
    limited = true;
    await talk('a', { previous_response_id: 'resp_1', input: [user] });
    expect(sent).toEqual([
      [1, undefined, 1],
      [1, 'resp_1', 1],
      [1, 'resp_1', 1],
      [2, undefined, 5],
    ]);
  });
});

describe('a pool of a limited key and a dead one', () => {
  it('reports the rate limit, however many requests come in the meantime', async () => {
    const two = { ...provider, api_keys: keys.slice(1, 2) };
    const { talk, clock } = start(
      {
        [keys[0] ?? '']: () => refusal(429, 'Slow down.', { 'retry-after': '300' }),
        [keys[1] ?? '']: () => refusal(401, 'Who are you?'),
      },
      { Providers: [two], Router: { default: 'one,m' } },
    );
    const seconds: number[] = [];
    for (const waitMs of [0, 3_000, 61_000]) {
      await clock.advance(waitMs);
      const { received } = await talk('a');
      expect(received.status).toBe(429);
      seconds.push(Number(received.headers['retry-after']));
    }
    expect(seconds).toEqual([300, 300, 239]);
  });
});

describe('clients that do not identify their conversations', () => {
  const ask = async ({ ask, calls, clock }: ReturnType<typeof start>, ...more: object[]) => {
    const messages = [{ role: 'user', content: 'Hello' }, ...more];
    const { done } = ask({ dialect: 'openai-chat', body: { model: 'auto', messages } });
    await clock.advance(0);
    await done;
    return keys.indexOf(calls.map(keyOf).at(-1) ?? '') + 1;
  };

  it('start a new one with each first message, even the same one', async () => {
    const bench = start();
    expect([await ask(bench), await ask(bench), await ask(bench), await ask(bench)]).toEqual([1, 2, 3, 1]);
  });

  it('continue with the key of the newest one that started with the same message', async () => {
    const bench = start();
    const turn = [
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: 'Go on' },
    ];
    await ask(bench);
    expect([await ask(bench), await ask(bench, ...turn), await ask(bench, ...turn)]).toEqual([2, 2, 2]);
  });
});
