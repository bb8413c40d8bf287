import type { LogLevel } from '../observe/log.ts';

const levels: Record<string, LogLevel> = {
  off: 'error',
  error: 'error',
  warn: 'warn',
  warning: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'debug',
};

/** The log level from CCR_LOG, else from RUST_LOG in the setup guide's forms: `debug`, or `info,ccr_rust=debug`. */
export function logLevelOf(environment: NodeJS.ProcessEnv): LogLevel {
  const text = environment['CCR_LOG'] || environment['RUST_LOG'] || '';
  const directives = text
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim().split('='));
  const own = directives.findLast(([target = '', level]) => level !== undefined && target.startsWith('ccr'));
  const general = directives.findLast(([, level]) => level === undefined);
  return levels[own?.[1] ?? ''] ?? levels[general?.[0] ?? ''] ?? 'info';
}
