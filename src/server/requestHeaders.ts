import type { IncomingMessage } from 'node:http';
import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { ClientKind } from '../dialects/dialect.ts';
import { newId } from './ids.ts';

/** The client, by what real ones send: `originator: codex_exec`, `codex-tui/0.169.0 (...)`, `claude-cli/2.1.330 (...)`. */
export function clientKind(headers: Record<string, string | string[] | undefined>): ClientKind {
  const originator = String(headers['originator'] ?? '');
  const agent = String(headers['user-agent'] ?? '');
  if (/^codex/i.test(originator) || /^codex/i.test(agent)) return 'codex';
  if (/^claude-(cli|code)/i.test(agent)) return 'claude-code';
  return 'other';
}

/** How many of the clients' own ids are remembered. */
const rememberedIds = 1000;

/**
 * Names requests. Keeps a client's own id if it is well formed, so that the logs of both sides can be joined, and numbers its
 * repetitions: Codex sends the id of its thread with each of its requests.
 */
export function createRequestIds(): (request: IncomingMessage) => string {
  const counts = createBoundedMap<string, number>(rememberedIds);
  return ({ headers }) => {
    const given = headers['x-client-request-id'] ?? headers['x-request-id'];
    if (typeof given !== 'string' || !/^[\w-]{1,64}$/.test(given)) return newId('req');
    const count = (counts.get(given) ?? 0) + 1;
    counts.set(given, count);
    return count === 1 ? given : `${given}-${count}`;
  };
}

/** The headers with repeated ones joined: Node has joined all but one. */
export function singleHeaders({ headers }: IncomingMessage): Readonly<Record<string, string | undefined>> {
  if (headers['set-cookie'] === undefined) return headers as Record<string, string | undefined>;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** Tells clients apart: the scope in the URL is a window's, and programs on one machine differ in their user agents. */
export function callerOf({ headers, socket }: IncomingMessage, scope: string | undefined): string {
  return [scope ?? '', socket.remoteAddress ?? '', (headers['user-agent'] ?? '').slice(0, 200)].join(' ');
}
