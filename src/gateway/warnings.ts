import { createBoundedMap } from '../canonical/boundedMap.ts';
import { cut, oneLine } from '../canonical/visibleText.ts';
import type { Log } from '../observe/log.ts';
import type { RequestRecord } from './record.ts';

/** Warnings that were logged; the least recently seen one is evicted, and would be logged again. */
const maxLogged = 1000;

/** Of one warning. Characters. */
const longestWarning = 1000;

/** Of one request: a client or a provider that causes more would fill the memory of all windows. */
const mostWarnings = 50;

/** Warnings about a request: in its record and in the log, without quotations of the conversation. */
export type Warnings = {
  warn(record: RequestRecord, message: string): void;
  /**
   * For warnings that apply to many requests: Codex declares its web search, and echoes its items, on each turn. Logs a
   * repeated message at debug level.
   */
  warnOnce(record: RequestRecord, message: string): void;
};

export function createWarnings(log: Log): Warnings {
  /** What was shown of each message. To search a long conversation for its words takes milliseconds. */
  const logged = createBoundedMap<string, string>(maxLogged);

  function add({ warnings }: RequestRecord, shown: string): void {
    if (warnings.length < mostWarnings && !warnings.includes(shown)) warnings.push(shown);
  }

  return {
    warn(record, message) {
      const shown = shownOf(message, record);
      add(record, shown);
      log.warn(`${shown} (${record.id})`);
    },
    warnOnce(record, message) {
      const key = cut(message, longestWarning);
      const known = logged.get(key);
      const shown = known ?? shownOf(message, record);
      add(record, shown);
      log[known === undefined ? 'warn' : 'debug'](`${shown} (${record.id})`);
      logged.set(key, shown);
    },
  };
}

function shownOf(message: string, { withoutPrompt }: RequestRecord): string {
  return cut(oneLine(withoutPrompt(message)), longestWarning);
}
