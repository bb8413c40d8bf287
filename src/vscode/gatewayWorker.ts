import { t } from './l10n.ts';
import type { Clock } from '../gateway/clock.ts';
import type { Log, LogLevel } from '../observe/log.ts';
import type { ThreadCommand, ThreadMessage } from './threadMessages.ts';

/** The part of a node:worker_threads Worker that we use. */
export type WorkerLike = {
  on(event: 'message', listener: (message: ThreadMessage) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  postMessage(command: ThreadCommand): void;
  terminate(): Promise<number>;
};

export type StartOutcome = Extract<ThreadMessage, { type: 'ready' | 'failed' }>;
export type ThreadEnd = { kind: 'closed' } | { kind: 'crashed'; message: string };

/** A gateway on its own thread. */
export type GatewayThread = {
  started: Promise<StartOutcome>;
  /** `crashed`: it ended although nothing asked it to. */
  ended: Promise<ThreadEnd>;
  /** Asks the gateway to end and terminates the thread if it does not. Resolves when the thread has ended. */
  stop(drainMs: number): Promise<void>;
  setLogLevel(level: LogLevel): void;
};

/** The thread's heap limit. Beyond it, only the thread ends, not the extension host. Megabytes. */
export const heapLimitMb = 512;
/** Of its young generation, which V8 would let grow to 192 MB and keep. Megabytes. */
export const youngLimitMb = 24;
/** How long closing may take after the drain before the thread is terminated. Milliseconds. */
const closingTimeMs = 1_000;

export function watchThread(worker: WorkerLike, { log, clock }: { log: Log; clock: Clock }): GatewayThread {
  const started = Promise.withResolvers<StartOutcome>();
  const ended = Promise.withResolvers<ThreadEnd>();
  let failure: string | undefined;
  let isEndExpected = false;

  worker.on('message', (message) => {
    switch (message.type) {
      case 'log':
        return log[message.level](message.message);
      case 'closed':
        isEndExpected = true;
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
    const message = failure ?? t('it ended with code {0}', code);
    started.resolve({ type: 'failed', kind: 'other', message: t("The gateway's thread did not start: {0}.", message) });
    ended.resolve(isEndExpected ? { kind: 'closed' } : { kind: 'crashed', message });
  });

  return {
    started: started.promise,
    ended: ended.promise,
    async stop(drainMs) {
      isEndExpected = true;
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
    return t('it needed more than {0} MB of memory', heapLimitMb);
  return error.message;
}
