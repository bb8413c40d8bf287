import { oneLine } from '../canonical/visibleText.ts';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Longer messages are cut: a summary of many failures. Characters. */
const longestMessage = 8000;

/** Messages are sentences for the user. They must never hold a request body, a key or a header value. */
export type Log = Record<LogLevel, (message: string) => void>;

/**
 * Drops messages below `level()`, which is read for each message, so that the level can change at run time. Each message is
 * one line without control characters, whatever it quotes: no client or provider can forge a line or steer a terminal.
 */
export function createLog(level: () => LogLevel, write: (level: LogLevel, message: string) => void): Log {
  const at = (own: LogLevel) => (message: string) => {
    if (logLevels.indexOf(own) <= logLevels.indexOf(level())) write(own, oneLine(message, longestMessage));
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
