import type { Clock } from '../gateway/clock.ts';
import type { Log, LogLevel } from '../observe/log.ts';
import type { ThreadCommand, ThreadMessage } from './threadMessages.ts';

/** What we use of a node:worker_threads Worker. */
export type WorkerLike = {
  on(event: 'message', listener: (message: ThreadMessage) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  postMessage(command: ThreadCommand): void;
  terminate(): Promise<number>;
};

export type StartOutcome = Extract<ThreadMessage, { type: 'ready' | 'failed' }>;
export type ThreadEnd = { kind: 'closed' } | { kind: 'crashed'; message: string };

/** A gateway on a thread of its own. */
export type GatewayThread = {
  started: Promise<StartOutcome>;
  /** `crashed`: nobody asked for it. */
  ended: Promise<ThreadEnd>;
  /** Ends it, by force when it does not end by itself. Resolves when it is gone. */
  stop(drainMs: number): Promise<void>;
  setLogLevel(level: LogLevel): void;
};

/** The thread's heap; beyond it the thread, and nothing else of the extension host, ends. Megabytes. */
export const heapLimitMb = 512;
/** Beyond the drain: what closing may take before the thread is ended by force. Milliseconds. */
const closingTimeMs = 1_000;

export function watchThread(worker: WorkerLike, { log, clock }: { log: Log; clock: Clock }): GatewayThread {
  const started = Promise.withResolvers<StartOutcome>();
  const ended = Promise.withResolvers<ThreadEnd>();
  let failure: string | undefined;
  let asked = false;

  worker.on('message', (message) => {
    switch (message.type) {
      case 'log':
        return log[message.level](message.message);
      case 'closed':
        asked = true;
        return undefined;
      case 'ready':
      case 'failed':
        return started.resolve(message);
      default:
        return message satisfies never;
    }
  });
  worker.on('error', (error) => {
    failure = describeFailure(error);
  });
  worker.on('exit', (code) => {
    const message = failure ?? `it ended with code ${code}`;
    started.resolve({ type: 'failed', kind: 'other', message: `The gateway's thread did not start: ${message}.` });
    ended.resolve(asked ? { kind: 'closed' } : { kind: 'crashed', message });
  });

  return {
    started: started.promise,
    ended: ended.promise,
    async stop(drainMs) {
      asked = true;
      worker.postMessage({ type: 'stop', drainMs });
      const cancel = clock.after(drainMs + closingTimeMs, () => void worker.terminate());
      await ended.promise;
      cancel();
    },
    setLogLevel: (level) => worker.postMessage({ type: 'log-level', level }),
  };
}

function describeFailure(error: Error): string {
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return `it needed more than ${heapLimitMb} MB of memory`;
  return error.message;
}
