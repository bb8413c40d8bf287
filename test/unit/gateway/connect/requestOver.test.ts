import type { Client, Dispatcher } from 'undici';
import { describe, expect, it, vi } from 'vitest';
import { requestOver } from '../../../../src/gateway/connect/requestOver.ts';

/** A connection whose peer the test plays. */
function open(abort = new AbortController()) {
  const controller = { aborted: false, paused: false, reason: null, abort: vi.fn(), pause: vi.fn(), resume: vi.fn() };
  controller.pause.mockImplementation(() => void (controller.paused = true));
  controller.resume.mockImplementation(() => void (controller.paused = false));
  let handler: Dispatcher.DispatchHandler = {};
  const dispatch = (_: unknown, given: Dispatcher.DispatchHandler): boolean => {
    handler = given;
    return true;
  };
  const client = { dispatch } as unknown as Client;
  const request = { path: '/', method: 'POST', headers: {}, body: '{}', signal: abort.signal } as const;
  const reply = requestOver(client, request);
  handler.onRequestStart?.(controller, {});
  return {
    abort,
    controller,
    reply,
    start: (status = 200) => handler.onResponseStart?.(controller, status, { 'x-a': 'b' }),
    send: (text: string) => handler.onResponseData?.(controller, Buffer.from(text)),
    end: () => handler.onResponseEnd?.(controller, {}),
    fail: (error: Error) => handler.onResponseError?.(controller, error),
  };
}

async function read(chunks: AsyncIterator<Uint8Array>): Promise<string | undefined> {
  const { value, done } = await chunks.next();
  return done ? undefined : Buffer.from(value as Uint8Array).toString();
}

describe('requestOver', () => {
  it('resolves with the headers, then reads pieces as they come, and those that waited as one', async () => {
    const { start, send, end, reply } = open();
    start();
    const { status, headers, body } = await reply;
    const chunks = body[Symbol.asyncIterator]();
    const first = read(chunks);
    send('one');
    expect([status, headers, await first]).toEqual([200, { 'x-a': 'b' }, 'one']);
    send('two');
    send('three');
    end();
    expect([await read(chunks), await read(chunks)]).toEqual(['twothree', undefined]);
  });

  it('reads pieces that come together as one, with the end or an error after them', async () => {
    for (const isBroken of [false, true]) {
      const { start, send, end, fail, controller, reply } = open();
      start();
      const chunks = (await reply).body[Symbol.asyncIterator]();
      const first = read(chunks);
      for (const text of ['one', 'x'.repeat(64 * 1024), 'three']) send(text);
      if (isBroken) fail(new Error('other side closed'));
      else end();
      expect(await first).toHaveLength(64 * 1024 + 8);
      expect(controller.pause).not.toHaveBeenCalled();
      if (isBroken) await expect(chunks.next()).rejects.toThrow('other side closed');
      else expect(await read(chunks)).toBeUndefined();
    }
  });

  it('an abort throws away what has just come, too', async () => {
    const { start, send, abort, reply } = open();
    start();
    const reading = (await reply).body[Symbol.asyncIterator]().next();
    send('late');
    abort.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
  });

  it('passes over interim responses', async () => {
    const { start, reply } = open();
    start(103);
    start(201);
    expect((await reply).status).toBe(201);
  });

  it('stops reading from the provider while 64 KiB wait for a slow reader', async () => {
    const { start, send, controller, reply } = open();
    start();
    const chunks = (await reply).body[Symbol.asyncIterator]();
    send('x'.repeat(64 * 1024 - 1));
    expect(controller.pause).not.toHaveBeenCalled();
    send('y');
    expect(controller.pause).toHaveBeenCalledTimes(1);
    expect(await read(chunks)).toHaveLength(64 * 1024);
    expect(controller.resume).toHaveBeenCalledTimes(1);
  });

  it('reads what came before the connection broke, then throws why', async () => {
    const { start, send, fail, reply } = open();
    start();
    const chunks = (await reply).body[Symbol.asyncIterator]();
    send('half');
    fail(new Error('other side closed'));
    expect(await read(chunks)).toBe('half');
    await expect(chunks.next()).rejects.toThrow('other side closed');
  });

  it('rejects with the error of a connection that breaks before the headers', async () => {
    const { fail, reply } = open();
    fail(new Error('ECONNRESET'));
    await expect(reply).rejects.toThrow('ECONNRESET');
  });

  it('an abort ends what is being read, throws away what waits, and closes the connection', async () => {
    const { start, send, abort, controller, reply } = open();
    start();
    const chunks = (await reply).body[Symbol.asyncIterator]();
    const reading = chunks.next();
    const reason = new Error('The client disconnected.');
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
    send('late');
    await expect(chunks.next()).rejects.toBe(reason);
    expect(controller.abort).toHaveBeenCalledExactlyOnceWith(reason);
    const again = open();
    again.start();
    again.send('waits');
    again.abort.abort(reason);
    await expect((await again.reply).body[Symbol.asyncIterator]().next()).rejects.toBe(reason);
  });

  it('sends nothing for a request that was aborted before', async () => {
    const abort = new AbortController();
    abort.abort(new Error('gone'));
    await expect(open(abort).reply).rejects.toThrow('gone');
  });

  it('closes the connection when its reader stops early, but not after the end', async () => {
    for (const isOver of [false, true]) {
      const { start, end, controller, reply } = open();
      start();
      if (isOver) end();
      await (await reply).body[Symbol.asyncIterator]().return?.();
      expect(controller.abort).toHaveBeenCalledTimes(isOver ? 0 : 1);
    }
  });
});
