import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { Upstream, UpstreamCall } from '../../../../src/gateway/upstream.ts';
import { createWindowModelOffers } from '../../../../src/server/windowModels/offers.ts';

const key = 'k'.repeat(32);
const call = (url: string, signal = new AbortController().signal): UpstreamCall => ({
  url,
  headers: { authorization: 'Bearer other', 'content-type': 'application/json' },
  body: '{}',
  signal,
});

/** Connections that fail at these addresses. */
function fakeUpstream(broken: Record<string, Error> = {}): { upstream: Upstream; sent: UpstreamCall[] } {
  const sent: UpstreamCall[] = [];
  const upstream: Upstream = {
    async send(each) {
      sent.push(each);
      const fault = broken[new URL(each.url).origin];
      if (fault) throw fault;
      return { status: 200, headers: {}, body: (async function* () {})() };
    },
    close: async () => undefined,
    destroy: async () => undefined,
  };
  return { upstream, sent };
}

const chat = 'http://vscode.localhost/v1/chat/completions?x=1';

describe("requests for VS Code's own models", () => {
  it('go to the window that came last, with its key', async () => {
    const { upstream, sent } = fakeUpstream();
    const offers = createWindowModelOffers();
    offers.set('first', { url: 'http://127.0.0.1:1', key: 'other' });
    offers.set('second', { url: 'http://127.0.0.1:2', key });
    await offers.over(upstream).send(call(chat));
    expect(sent).toMatchObject([
      {
        url: 'http://127.0.0.1:2/v1/chat/completions?x=1',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      },
    ]);
  });

  it('go to another window when one is gone, which gets no more', async () => {
    const { upstream, sent } = fakeUpstream({ 'http://127.0.0.1:2': new GatewayError('connection', 'refused') });
    const offers = createWindowModelOffers();
    offers.set('first', { url: 'http://127.0.0.1:1', key });
    offers.set('second', { url: 'http://127.0.0.1:2', key });
    await offers.over(upstream).send(call(chat));
    await offers.over(upstream).send(call(chat));
    expect(sent.map(({ url }) => new URL(url).port)).toEqual(['2', '1', '1']);
  });

  it('fail in words where no window offers them', async () => {
    const { upstream } = fakeUpstream();
    const offers = createWindowModelOffers();
    offers.set('only', { url: 'http://127.0.0.1:1', key });
    offers.set('only', null);
    await expect(offers.over(upstream).send(call(chat))).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringContaining('No open window of VS Code') as string,
    });
  });

  it('fail as they are where the client has gone, or the window answers with an error', async () => {
    const fault = new GatewayError('cancelled', 'gone');
    const { upstream, sent } = fakeUpstream({ 'http://127.0.0.1:1': fault });
    const offers = createWindowModelOffers();
    offers.set('only', { url: 'http://127.0.0.1:1', key });
    await expect(offers.over(upstream).send(call(chat))).rejects.toBe(fault);
    const stop = AbortSignal.abort(new Error('stopped'));
    const refused = fakeUpstream({ 'http://127.0.0.1:1': new GatewayError('connection', 'refused') });
    await expect(offers.over(refused.upstream).send(call(chat, stop))).rejects.toThrow('refused');
    await offers.over(upstream).send(call('https://other.test/v1'));
    expect(sent.at(-1)?.url).toBe('https://other.test/v1');
  });

  it('leave other hosts as they are, keys included', async () => {
    const { upstream, sent } = fakeUpstream();
    const offers = createWindowModelOffers();
    offers.set('only', { url: 'http://127.0.0.1:1', key });
    for (const url of ['https://host.test/vscode.localhost', 'http://x.vscode.localhost/v1'])
      await offers.over(upstream).send(call(url));
    expect(sent.map(({ headers }) => headers['authorization'])).toEqual(['Bearer other', 'Bearer other']);
  });

  it('keep the latest windows only', async () => {
    const { upstream, sent } = fakeUpstream();
    const offers = createWindowModelOffers();
    for (let port = 1; port <= 60; port++) offers.set(`w${port}`, { url: `http://127.0.0.1:${port}`, key });
    for (let port = 60; port > 10; port--) offers.set(`w${port}`, null);
    await expect(offers.over(upstream).send(call(chat))).rejects.toThrow('No open window');
    expect(sent).toEqual([]);
  });
});
