import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ClientKind } from '../dialects/dialect.ts';

/** The client, by what real ones send: `originator: codex_exec`, `codex-tui/0.169.0 (...)`, `claude-cli/2.1.330 (...)`. */
export function clientKind(headers: Record<string, string | string[] | undefined>): ClientKind {
  const originator = String(headers['originator'] ?? '');
  const agent = String(headers['user-agent'] ?? '');
  if (/^codex/i.test(originator) || /^codex/i.test(agent)) return 'codex';
  if (/^claude-(cli|code)/i.test(agent)) return 'claude-code';
  return 'other';
}

/** Keeps a client's own request id if it is well formed, so that the logs of both sides can be joined. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-client-request-id'] ?? headers['x-request-id'];
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : `req_${randomUUID().replaceAll('-', '')}`;
}

/** The headers with repeated ones joined. */
export function singleHeaders({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** Tells clients apart: the scope in the URL is a window's, and programs on one machine differ in their user agents. */
export function callerOf({ headers, socket }: IncomingMessage, scope: string | undefined): string {
  return [scope ?? '', socket.remoteAddress ?? '', (headers['user-agent'] ?? '').slice(0, 200)].join(' ');
}
