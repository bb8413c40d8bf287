import { describe, expect, it } from 'vitest';
import type { UpstreamCall, UpstreamReply } from '../../../src/gateway/upstream.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const keys = ['key-a', 'key-b'];
const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', models: ['m'], api_keys: keys },
    { name: 'two', api_base_url: 'http://two.test/v1', models: ['m'], api_key: 'key-c' },
  ],
  Router: { default: 'one,m', think: 'two,m' },
};

/** `left` of 100 requests, until `seconds` from now. */
const limit = (left: number, seconds: number): Record<string, string> => ({
  'x-ratelimit-remaining-requests': String(left),
  'x-ratelimit-limit-requests': '100',
  'x-ratelimit-reset-requests': `${seconds}s`,
});

function gatewayWith(headersFor: (key: string) => Record<string, string>, changes: object = {}) {
  const keyOf = ({ headers }: UpstreamCall): string => (headers['authorization'] ?? '').slice(-5);
  const bench = createGatewayBench({ ...config, ...changes }, (call) =>
    Promise.resolve<UpstreamReply>(
      replyWith(200, chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop'), headersFor(keyOf(call))),
    ),
  );
  let conversations = 0;
  /** The key that a new conversation is sent with, or another turn of `conversation`. */
  async function ask(conversation = `conversation ${++conversations}`, model = 'auto', turns = 1): Promise<string> {
    const turn = [{ role: 'user', content: conversation }, { role: 'assistant', content: 'Hi' }];
    const messages = [...Array.from({ length: turns - 1 }, () => turn).flat(), { role: 'user', content: conversation }];
    await bench.ask({ dialect: 'openai-chat', body: { model, messages, stream: true } }).done;
    const call = bench.calls.at(-1);
    return call ? keyOf(call) : 'none';
  } // prettier-ignore
  return { bench, ask };
}

describe('a key that is close to a limit', () => {
  it('is used last until the limit resets', async () => {
    const { bench, ask } = gatewayWith((key) => (key === 'key-a' ? limit(3, 30) : limit(90, 30)));
    const used = [await ask(), await ask(), await ask(), await ask()];
    await bench.clock.advance(30_000);
    expect([...used, await ask()]).toEqual(['key-a', 'key-b', 'key-b', 'key-b', 'key-a']);
  });

  it('is known by its id: its text would be told to other gateways', async () => {
    const { bench, ask } = gatewayWith(() => limit(3, 30));
    const noted: unknown[] = [];
    const { noteQuota } = bench.health;
    bench.health.noteQuota = (...quota) => {
      noted.push(quota);
      noteQuota(...quota);
    };
    await ask();
    expect(noted).toMatchObject([[{ provider: 'one' }, { of: 2 }, expect.any(Number)]]);
    expect(JSON.stringify(noted)).not.toContain('key-a');
  });

  it('loses its conversations to another key, which then keep that', async () => {
    const { ask } = gatewayWith((key) => (key === 'key-a' ? limit(3, 30) : {}));
    expect([await ask('talk'), await ask('talk', 'auto', 2), await ask('talk', 'auto', 3)]).toEqual(['key-a', 'key-b', 'key-b']);
  }); // prettier-ignore

  it('is free again once an answer says so', async () => {
    let left = 3;
    const { ask } = gatewayWith((key) => (key === 'key-a' ? limit(left, 3000) : limit(2, 3000)), { Router: { default: 'one,m' } });
    expect([await ask(), await ask()]).toEqual(['key-a', 'key-b']);
    left = 90;
    expect([await ask(), await ask(), await ask()]).toEqual(['key-a', 'key-a', 'key-a']);
  }); // prettier-ignore

  it('is used all the same if the provider is not to be believed', async () => {
    const [one, two] = config.Providers;
    const { ask } = gatewayWith(() => limit(0, 30), { Providers: [{ ...one, honor_ratelimit_headers: false }, two] });
    expect([await ask(), await ask(), await ask()]).toEqual(['key-a', 'key-b', 'key-a']);
  });
});

describe('a target whose keys are all close to a limit', () => {
  it('comes after targets that are not, and the record says why', async () => {
    const { bench, ask } = gatewayWith((key) => (keys.includes(key) ? limit(1, 30) : {}));
    expect([await ask(), await ask(), await ask()]).toEqual(['key-a', 'key-b', 'key-c']);
    const candidates = bench.records.at(-1)?.route?.candidates.map(({ target, position }) => [target.provider, position]);
    expect(candidates).toEqual([['two', 'fallback'], ['one', 'quota-last']]);
    expect(bench.logged.at(-1)).toContain('since one,m is close to a limit of its provider for 30 s');
    await bench.clock.advance(30_000);
    expect(await ask()).toBe('key-a');
  }); // prettier-ignore

  it('still answers for those who chose it, and if no other is better', async () => {
    const { ask } = gatewayWith(() => limit(1, 30));
    expect([await ask(), await ask()]).toEqual(['key-a', 'key-b']);
    expect(await ask('chosen', 'one,m')).toBe('key-a');
    expect(await ask()).toBe('key-c');
    expect(await ask()).toBe('key-b');
  });
});
