import type { Wording } from '../canonical/wording.ts';
import type { LogLevel } from '../observe/log.ts';
import type { RunOptions } from '../server/parts.ts';

/** The `workerData` of a gateway's thread. */
export type ThreadOptions = Omit<RunOptions, 'log'> & { logLevel: LogLevel };

/** Messages from the gateway's thread. `closed`: the gateway ended on request. */
export type ThreadMessage =
  | { type: 'ready'; port: number; url: string }
  | { type: 'failed'; kind: 'port-in-use'; message: string; port: number; suggestedPort?: number | undefined }
  | { type: 'failed'; kind: 'config' | 'other'; message: string; wording?: readonly Wording[] | undefined }
  | { type: 'log'; level: LogLevel; message: string }
  | { type: 'closed' };

/** Messages to the gateway's thread. `drainMs`: how long running requests may take to finish. */
export type ThreadCommand = { type: 'stop'; drainMs: number } | { type: 'log-level'; level: LogLevel };
