import type { IncomingMessage } from 'node:http';

/** Tells clients apart: the scope in the URL is a window's, and programs on one machine differ in their user agents. */
export function callerOf({ headers, socket }: IncomingMessage, scope: string | undefined): string {
  return [scope ?? '', socket.remoteAddress ?? '', (headers['user-agent'] ?? '').slice(0, 200)].join(' ');
}
