import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/gateway/clock.ts';
import type { Log } from '../../../src/observe/log.ts';
import { watchThread, type WorkerLike } from '../../../src/vscode/gatewayWorker.ts';
import type { ThreadCommand, ThreadMessage } from '../../../src/vscode/threadMessages.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { silentLog } from './fakes.ts';

function setUp(log: Log = silentLog) {
  const emitter = new EventEmitter();
  const commands: ThreadCommand[] = [];
  let terminated = false;
  const worker: WorkerLike = {
    on: (event: string, listener: (...values: never[]) => void) => emitter.on(event, listener as () => void),
    postMessage: (command) => void commands.push(command),
    async terminate() {
      terminated = true;
      emitter.emit('exit', 1);
      return 1;
    },
  };
  const clock = createFakeClock();
  const thread = watchThread(worker, { log, clock });
  const say = (message: ThreadMessage): boolean => emitter.emit('message', message);
  return { emitter, commands, clock, thread, say, wasTerminated: () => terminated };
}

/** A real thread that runs this code, watched like the gateway's. */
function runThread(code: string, heapMb = 64) {
  const worker = new Worker(code, { eval: true, resourceLimits: { maxOldGenerationSizeMb: heapMb }, stderr: true });
  return watchThread(worker, { log: silentLog, clock: systemClock });
}

describe('a gateway thread', () => {
  it('reports the outcome of its start', async () => {
    const { thread, say } = setUp();
    say({ type: 'ready', port: 3456, url: 'http://127.0.0.1:3456' });
    expect(await thread.started).toEqual({ type: 'ready', port: 3456, url: 'http://127.0.0.1:3456' });
  });

  it('writes to the window’s log', () => {
    const lines: string[] = [];
    const { say } = setUp({ ...silentLog, warn: (line) => void lines.push(line) });
    say({ type: 'log', level: 'warn', message: 'careful' });
    say({ type: 'log', level: 'info', message: 'by the way' });
    expect(lines).toEqual(['careful']);
  });

  it('has not crashed when it was closed on request', async () => {
    const { thread, say, emitter } = setUp();
    say({ type: 'closed' });
    emitter.emit('exit', 0);
    expect(await thread.ended).toEqual({ kind: 'closed' });
  });

  it('has crashed when it ends unexpectedly; before it was ready, its start failed', async () => {
    const { thread, emitter } = setUp();
    emitter.emit('exit', 3);
    expect(await thread.ended).toEqual({ kind: 'crashed', message: 'it ended with code 3' });
    expect(await thread.started).toMatchObject({
      type: 'failed',
      kind: 'other',
      message: expect.stringContaining('code 3'),
    });
  });

  it('is asked to stop before it is terminated', async () => {
    const { thread, commands, clock, wasTerminated } = setUp();
    const stopping = thread.stop(2_000);
    await clock.advance(2_999);
    expect(commands).toEqual([{ type: 'stop', drainMs: 2_000 }]);
    expect(wasTerminated()).toBe(false);
    await clock.advance(1);
    await stopping;
    expect(wasTerminated()).toBe(true);
    expect(await thread.ended).toEqual({ kind: 'closed' });
  });

  it('reports the error that it throws', async () => {
    const thread = runThread('setImmediate(() => { throw new Error("boom") })');
    expect(await thread.ended).toEqual({ kind: 'crashed', message: 'boom' });
  });

  it('reports that it ran out of memory, and this process keeps running', async () => {
    // Many small allocations: a single one that is too large would end the process, not the thread.
    const thread = runThread('let kept; for (let size = 0; ; size++) kept = { kept, size }', 16);
    expect(await thread.ended).toEqual({ kind: 'crashed', message: 'it needed more than 512 MB of memory' });
  });
});
