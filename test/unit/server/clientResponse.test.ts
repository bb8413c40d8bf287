import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createClientResponse } from '../../../src/server/clientResponse.ts';

/** A socket that accepts writes when the test lets it. */
function createSocket() {
  const taken: (() => void)[] = [];
  const timer = { delayMs: 0, callback: () => {} };
  const response = Object.assign(new EventEmitter(), {
    destroyed: false,
    headersSent: true,
    writableLength: 0,
    write: (_text: string, callback: () => void) => taken.push(callback),
    setTimeout: (delayMs: number, callback: () => void) => Object.assign(timer, { delayMs, callback }),
    destroy: () => response.emit('close'),
  });
  let waits = 0;
  let stalls = 0;
  const client = createClientResponse(response as unknown as ServerResponse, {
    maxFrames: 2,
    onBackpressure: () => void waits++,
    writeTimeoutMs: 100,
    onStalled: () => void stalls++,
  });
  return { client, taken, response, timer, waits: () => waits, stalls: () => stalls };
}

async function settled(promises: (Promise<void> | undefined)[]): Promise<boolean[]> {
  const states = promises.map(() => false);
  promises.forEach((promise, index) => void promise?.then(() => (states[index] = true)));
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return states;
}

describe('createClientResponse', () => {
  it('returns a promise while more frames than allowed are unwritten', async () => {
    const { client, taken, waits } = createSocket();
    expect(client.write('a', 1)).toBeUndefined();
    const waiting = client.write('b', 1);
    expect([await settled([waiting]), waits()]).toEqual([[false], 1]);
    taken.shift()?.();
    expect(await settled([waiting])).toEqual([true]);
  });

  it('releases all waiters when the client has caught up or disconnected', async () => {
    const caughtUp = createSocket();
    const first = [caughtUp.client.write('a', 2), caughtUp.client.write('b', 2)];
    for (const take of caughtUp.taken) take();
    expect(await settled(first)).toEqual([true, true]);
    const gone = createSocket();
    const second = [gone.client.write('a', 2), gone.client.write('b', 2)];
    gone.response.destroyed = true;
    gone.response.emit('close');
    expect(await settled(second)).toEqual([true, true]);
    expect(gone.client.write('c', 2)).toBeUndefined();
  });

  it('disconnects a client that takes nothing, but not one that has nothing to take', async () => {
    const { client, response, timer, stalls } = createSocket();
    const waiting = client.write('a', 2);
    timer.callback();
    expect([timer.delayMs, stalls(), await settled([waiting])]).toEqual([100, 0, [false]]);
    response.writableLength = 1;
    timer.callback();
    expect([stalls(), await settled([waiting])]).toEqual([1, [true]]);
  });
});
