// The requests of the dashboard as a file.
import type { RequestView } from '../../control/protocol.ts';

const columns: [name: string, read: (request: RequestView) => string | number | undefined][] = [
  ['id', ({ id }) => id],
  ['started', ({ startedAt }) => new Date(startedAt).toISOString()],
  ['durationMs', ({ durationMs }) => durationMs],
  ['firstContentMs', ({ firstContentMs }) => firstContentMs],
  ['client', ({ client }) => client],
  ['class', ({ intent }) => intent?.class],
  ['conversation', ({ conversation }) => conversation],
  ['model', ({ model }) => model],
  ['target', ({ target }) => target],
  ['tier', ({ tier }) => tier],
  ['reason', ({ reason }) => reason],
  ['attempts', ({ attempts }) => attempts.length],
  ['inputTokens', ({ inputTokens }) => inputTokens],
  ['outputTokens', ({ outputTokens }) => outputTokens],
  ['cacheReadTokens', ({ cacheReadTokens }) => cacheReadTokens],
  ['costUsd', ({ costUsd }) => costUsd],
  ['finish', ({ finish }) => finish],
  ['errorKind', ({ errorKind }) => errorKind],
  ['error', ({ error }) => error],
];

export function toCsv(requests: readonly RequestView[]): string {
  const lines = requests.map((request) => columns.map(([, read]) => field(read(request))).join(','));
  return `${[columns.map(([name]) => name).join(','), ...lines].join('\r\n')}\r\n`;
}

export function toJson(requests: readonly RequestView[]): string {
  return `${JSON.stringify(requests, null, 2)}\n`;
}

/**
 * Quoted as RFC 4180 says. A text that a spreadsheet would run as a formula begins with an apostrophe: models' names and
 * errors come from outside.
 */
function field(value: string | number | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
