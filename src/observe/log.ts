export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Messages are sentences for a person. No request body, no key and no header value may be put into one. */
export type Log = Record<LogLevel, (message: string) => void>;

/** A log that passes on what is at least as important as `level()`, asked anew each time so that it can be turned up. */
export function createLog(level: () => LogLevel, write: (level: LogLevel, message: string) => void): Log {
  const at = (own: LogLevel) => (message: string) => {
    if (logLevels.indexOf(own) <= logLevels.indexOf(level())) write(own, message);
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
