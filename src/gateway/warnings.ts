import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { Log } from '../observe/log.ts';
import type { RequestRecord } from './record.ts';

/** Warnings that were logged; the least recently seen one is evicted, and would be logged again. */
const maxLogged = 1000;

/** Warnings about a request: in its record and in the log. */
export type Warnings = {
  warn(record: RequestRecord, message: string): void;
  /**
   * For what is true of many requests: Codex declares its web search, and echoes its items, on each turn. Logs a repeated
   * message at debug level.
   */
  warnOnce(record: RequestRecord, message: string): void;
};

export function createWarnings(log: Log): Warnings {
  const logged = createBoundedMap<string, true>(maxLogged);
  return {
    warn(record, message) {
      record.warnings.push(message);
      log.warn(`${record.id}: ${message}`);
    },
    warnOnce(record, message) {
      if (!record.warnings.includes(message)) record.warnings.push(message);
      log[logged.has(message) ? 'debug' : 'warn'](`${record.id}: ${message}`);
      logged.set(message, true);
    },
  };
}
