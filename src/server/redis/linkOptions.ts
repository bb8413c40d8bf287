import type { Clock } from '../../gateway/clock.ts';
import type { Log } from '../../observe/log.ts';
import type { OpenConnection } from './openConnection.ts';

export type LinkOptions = {
  /** How long a request may wait for Redis. Milliseconds. */
  waitMs: number;
  /** Loads the client, which is large, only if it is used. */
  load(): Promise<OpenConnection>;
  /** Names the server in messages, without its password. */
  server: string;
  prefix: string;
  clock: Clock;
  log: Log;
  newId(): string;
};
