import { GatewayError } from '../canonical/errors.ts';
import type { UpstreamReply } from './upstream.ts';

/** More redirects than this lead in a circle. */
export const maxRedirects = 3;

/**
 * The URL that a redirect leads to if it may be followed: only 307 and 308 keep method and body, and only the same origin may
 * get the key.
 */
export function redirectedUrl(
  { status, headers }: Pick<UpstreamReply, 'status' | 'headers'>,
  url: string,
): string | undefined {
  if (status !== 307 && status !== 308) return undefined;
  const location = locationOf(headers, url);
  return location && location.origin === new URL(url).origin ? location.href : undefined;
}

/** The error for a redirect that is not followed; undefined for any other status. */
export function redirectError(
  { status, headers }: UpstreamReply,
  url: string,
  target: string,
): GatewayError | undefined {
  if (status < 300 || status > 399) return undefined;
  const location = locationOf(headers, url);
  const where = location ? ` to ${location.origin}${location.pathname}` : '';
  const why = location ? reasonFor(status, location, url) : 'without saying where to';
  return new GatewayError('not-found', `${target} redirects${where} (HTTP ${status}), ${why}. Correct api_base_url.`, {
    status,
  });
}

function reasonFor(status: number, { origin }: URL, url: string): string {
  if (origin !== new URL(url).origin) return 'which CCR does not follow, since the key may not go there';
  return status === 307 || status === 308
    ? 'and from there again'
    : 'which CCR does not follow, since the request would lose its body';
}

/** Longer bodies are not worth reading for the sake of the connection. Bytes. */
const maxDiscarded = 64 * 1024;

/** Reads a body that is of no use, so that its connection can be reused; closes the connection if the body is long. */
export async function discardBody(body: UpstreamReply['body']): Promise<void> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxDiscarded) return;
  }
}

function locationOf(headers: UpstreamReply['headers'], url: string): URL | undefined {
  const { location } = headers;
  const given = Array.isArray(location) ? location[0] : location;
  return given === undefined ? undefined : (URL.parse(given, url) ?? undefined);
}
