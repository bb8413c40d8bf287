import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createControlApi } from '../../../src/control/api.ts';
import { controlEndpoints, type Endpoint } from '../../../src/control/endpoints.ts';
import {
  helloProof,
  type ControlEvent,
  type GatewayState,
  type RequestView,
  type Steering,
} from '../../../src/control/protocol.ts';

const token = 'the-token-of-the-run-file';

function setUp(body: unknown = {}) {
  const listeners = new Set<(event: ControlEvent) => void>();
  const steering: Partial<Steering> = {
    state: () => ({ port: 1 }) as GatewayState,
    logLines: () => [],
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const api = createControlApi({
    steering: steering as Steering,
    token,
    pid: 1,
    version: '1.0.0',
    readBody: () => Promise.resolve(body),
    isToken: (given) => given === token,
  });
  async function ask(path: string, headers: Record<string, string> = {}, query = '', method = 'GET') {
    const response = Object.assign(new EventEmitter(), {
      status: 0,
      text: '',
      ended: false,
      destroyed: false,
      /** Bytes that the client has not read. */
      writableLength: 0,
      writeHead: (status: number) => void (response.status = status),
      write: (text: string) => void (response.text += text),
      end(text = '') {
        response.text += text;
        response.ended = true;
      },
      destroy() {
        response.destroyed = true;
        response.emit('close');
      },
    });
    await api.handle({ method, headers } as unknown as IncomingMessage, response as unknown as ServerResponse, {
      path,
      query: new URLSearchParams(query),
    });
    return response;
  }
  return { api, ask, steering, tell: (event: ControlEvent) => listeners.forEach((listen) => listen(event)), listeners };
}

const authorization = `Bearer ${token}`;

describe('the control API', () => {
  it('proves that it knows the token without receiving or sending it', async () => {
    const { text } = await setUp().ask('/ccr/hello', {}, 'nonce=abc');
    expect(JSON.parse(text)).toMatchObject({ name: 'ccr', proof: helloProof(token, 'abc') });
    expect(text).not.toContain(token);
  });

  it.each([{}, { authorization: '' }, { authorization: 'Bearer wrong' }, { 'x-api-key': token }])(
    'refuses a request with %j',
    async (headers) => {
      const { status, text } = await setUp().ask('/ccr/state', headers as Record<string, string>);
      expect(status).toBe(401);
      expect(text).not.toContain('port');
    },
  );

  const guarded = Object.values<Endpoint>(controlEndpoints).filter(({ token: required }) => required !== 'none');
  it.each(guarded)('requires the token for $method $path', async ({ method, path }) => {
    const { status } = await setUp().ask(path.replace('{id}', 'a'), {}, '', method);
    expect(status).toBe(401);
  });

  it('clears the statistics', async () => {
    const { ask, steering } = setUp();
    let cleared = 0;
    steering.clearStats = () => void cleared++;
    expect((await ask('/ccr/clear-stats', { authorization }, '', 'POST')).text).toBe('{"cleared":true}');
    expect(cleared).toBe(1);
  });

  it('takes the address of a window that offers models, on this machine alone', async () => {
    const put = async (body: unknown) => {
      const offers: unknown[] = [];
      const { ask, steering } = setUp(body);
      steering.offerModels = (window, offer) => void offers.push([window, offer]);
      const { status } = await ask('/ccr/window-models/w1', { authorization }, '', 'PUT');
      return { status, offers };
    };
    const offer = { url: 'http://127.0.0.1:4000', key: 'k'.repeat(43) };
    expect(await put(offer)).toEqual({ status: 200, offers: [['w1', offer]] });
    expect(await put(null)).toEqual({ status: 200, offers: [['w1', null]] });
    for (const url of [
      'http://evil.test:80',
      'http://127.0.0.1:1@evil.test',
      'http://127.0.0.1:4000/v1',
      'https://127.0.0.1:1',
    ])
      expect(await put({ ...offer, url })).toEqual({ status: 400, offers: [] });
    expect(await put({ ...offer, key: 'short' })).toEqual({ status: 400, offers: [] });
  });

  it('requires the token even for unknown paths', async () => {
    const { ask } = setUp();
    expect((await ask('/ccr/nothing')).status).toBe(401);
    expect((await ask('/ccr/nothing', { authorization })).status).toBe(404);
    expect((await ask('/ccr/state', { authorization }, '', 'POST')).status).toBe(404);
  });

  it('closes the stream of a window that has stopped reading, and no other', async () => {
    const { ask, tell, listeners } = setUp();
    const asleep = await ask('/ccr/events', { authorization });
    const awake = await ask('/ccr/events', { authorization });
    asleep.writableLength = 5 * 1024 * 1024;
    tell({ type: 'stopped' });
    expect([asleep.destroyed, awake.destroyed]).toEqual([true, false]);
    expect(awake.text).toContain('event: stopped');
    expect(listeners.size).toBe(1);
  });

  it('ends event streams when it closes', async () => {
    const { api, ask } = setUp();
    const following = await ask('/ccr/events', { authorization });
    api.close();
    expect(following.ended).toBe(true);
  });
});

describe('the records of requests', () => {
  const views = ['a', 'b', 'c'].map((id, index) => ({ id, cursor: index + 1 }) as RequestView);

  it.each([
    ['/ccr/requests/b', 200, 'b'],
    ['/ccr/requests/last', 200, 'c'],
    ['/ccr/requests/zzz', 404, undefined],
  ])('%s', async (path, status, id) => {
    const { ask, steering } = setUp();
    steering.requests = () => views;
    const reply = await ask(path, { authorization });
    expect([reply.status, (JSON.parse(reply.text) as { id?: string }).id]).toEqual([status, id]);
  });

  it('are asked for by cursor and limit, and other values are none', async () => {
    const { ask, steering } = setUp();
    const asked: unknown[] = [];
    steering.requests = (query) => {
      asked.push(query);
      return [];
    };
    await ask('/ccr/requests', { authorization }, 'after=7&limit=2');
    await ask('/ccr/requests', { authorization }, 'after=x&limit=-1');
    expect(asked).toEqual([
      { after: 7, limit: 2 },
      { after: undefined, limit: undefined },
    ]);
  });
});
