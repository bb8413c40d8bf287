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

/** From CCR_LOG, else from RUST_LOG as the setup guide uses it: `debug`, or `info,ccr_rust=debug`. */
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
