import type { LogLevel } from '../observe/log.ts';
import type { RunOptions } from '../server/run.ts';

/** What a gateway's thread is started with, as `workerData`. */
export type ThreadOptions = Omit<RunOptions, 'log'> & { logLevel: LogLevel };

/** From the gateway's thread. `closed`: the gateway ended because somebody asked it to. */
export type ThreadMessage =
  | { type: 'ready'; port: number; url: string }
  | { type: 'failed'; kind: 'port-in-use'; message: string; port: number; suggestedPort?: number | undefined }
  | { type: 'failed'; kind: 'config' | 'other'; message: string }
  | { type: 'log'; level: LogLevel; message: string }
  | { type: 'closed' };

/** To the gateway's thread. `drainMs`: how long running requests have to end. */
export type ThreadCommand = { type: 'stop'; drainMs: number } | { type: 'log-level'; level: LogLevel };
