import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopbackHost } from '../config/access.ts';
import { cut, isVisible } from '../canonical/visibleText.ts';
import type { Address } from './address.ts';
import { isOtherUser } from './peerUser.ts';
import type { Refusal } from './refusal.ts';

/** Who may use the gateway. Web pages can reach loopback too, so a foreign Origin or a rebound Host is refused first. */
export type GuardSettings = {
  /** The host that the server listens on. */
  boundHost: string;
  port: number;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  /** Required from every client; undefined if none is required. */
  token: string | undefined;
  /** Whether other users of this machine are refused where no token is required. */
  refuseOtherUsers?: boolean;
};

type WithHeaders = Pick<IncomingMessage, 'headers'> & Partial<Pick<IncomingMessage, 'rawHeaders'>>;

/** `rawHeaders`: names and values in turn. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === 'host') count++;
  return count;
}

/** The refusal of a request with a foreign Host or Origin; undefined if both are allowed. */
export function checkOrigin({ headers, rawHeaders = [] }: WithHeaders, settings: GuardSettings): Refusal | undefined {
  const { host, origin } = headers;
  // Node reads the first one. What stands before this server may have read another.
  if (countHosts(rawHeaders) > 1) return { status: 400, message: 'The request has several Host headers.' };
  if (!isAllowedHost(host, settings)) {
    const message = `Requests to the host "${quoted(host)}" are not allowed. Use 127.0.0.1, or add the name to allowedHosts in the config.`;
    return { status: 403, message };
  }
  if (origin !== undefined && !isAllowedOrigin(origin, settings)) {
    return {
      status: 403,
      message: `Requests from web pages of ${quoted(origin)} are not allowed. If it is yours, add the origin to allowedOrigins in the config.`,
    };
  }
  const site = headers['sec-fetch-site'];
  // A browser sends no Origin with an image or a link, but it says where the page is from. "none": the user opened the address.
  if (origin === undefined && site !== undefined && site !== 'same-origin' && site !== 'none')
    return {
      status: 403,
      message: 'Requests from web pages are not allowed, except from allowedOrigins in the config.',
    };
  return undefined;
}

/** A header's value in an error. Longer ones are no names. */
function quoted(value = ''): string {
  return cut(value, 200);
}

/** A name of a preset, which the config chooses. Characters. */
const longestPreset = 200;

/** As the control API takes them (control/endpoints.ts). */
const scopePattern = /^[\w-]{1,64}$/;

/** The refusal of a request for what its URL says. */
export function checkAddress(address: Address, settings: GuardSettings): Refusal | undefined {
  return checkUrlHost(address, settings) ?? checkNames(address);
}

/** The refusal of a request that names another host in its URL: its client takes this server for a proxy. */
function checkUrlHost({ host }: Pick<Address, 'host'>, settings: GuardSettings): Refusal | undefined {
  if (host === undefined || isAllowedHost(host, settings)) return undefined;
  const message = `CCR is no proxy for "${quoted(host)}". Set the client's base URL to the gateway's address, and leave it out of HTTP_PROXY.`;
  return { status: 403, message };
}

/** The refusal of a URL whose preset or scope can't be one: both are kept in records. */
export function checkNames({ preset, scope }: Pick<Address, 'preset' | 'scope'>): Refusal | undefined {
  if (preset !== undefined && (preset.length > longestPreset || !isVisible(preset)))
    return {
      status: 400,
      message: `The name of the preset in the URL is too long (over ${longestPreset} characters), or has control characters.`,
    };
  if (scope !== undefined && !scopePattern.test(scope))
    return { status: 400, message: 'The scope in the URL must consist of at most 64 letters, digits, "-" and "_".' };
  return undefined;
}

export function checkToken({ headers }: WithHeaders, token: string | undefined): Refusal | undefined {
  if (token === undefined) return undefined;
  const { authorization, 'x-api-key': apiKey } = headers;
  // Some clients send both, one of them with the key of another service.
  const given = [authorization?.replace(/^Bearer\s+/i, ''), apiKey];
  if (given.some((candidate) => typeof candidate === 'string' && sameSecret(candidate, token))) return undefined;
  return {
    status: 401,
    message: 'Missing or wrong CCR token. Send it as "Authorization: Bearer ..."; `ccr env` prints it for your shell.',
  };
}

/** The refusal of another user of this machine. Where a token is required, it decides instead. */
export function checkUser(
  { socket }: Pick<IncomingMessage, 'socket'>,
  { token, refuseOtherUsers = false }: GuardSettings,
): Refusal | undefined {
  if (!refuseOtherUsers || token !== undefined || !isOtherUser(socket)) return undefined;
  const message =
    'This gateway belongs to another user of this machine, who set refuseOtherUsers. With a token (CCR_TOKEN or APIKEY) it can be shared.';
  return { status: 403, message };
}

/** Only JSON is accepted: unlike a form post, browsers send it to another origin only after a preflight request. */
export function checkContentType({ headers }: WithHeaders): Refusal | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return undefined;
  return {
    status: 415,
    message: `CCR accepts only JSON. Send the header "Content-Type: application/json" instead of "${quoted(type)}".`,
  };
}

export function isAllowedOrigin(origin: string, { allowedOrigins, boundHost, port }: GuardSettings): boolean {
  if (allowedOrigins.includes(origin)) return true;
  return [boundHost, '127.0.0.1', 'localhost', '[::1]'].some((host) => origin === `http://${host}:${port}`);
}

function isAllowedHost(host: string | undefined, { allowedHosts, boundHost }: GuardSettings): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const allowed = [boundHost, ...allowedHosts].map((each) => each.toLowerCase());
  if (isLoopbackHost(name) || allowed.includes(name) || allowed.includes(host.toLowerCase())) return true;
  // Beyond loopback a token is required anyway, and DNS rebinding works with names, not with addresses.
  return !isLoopbackHost(boundHost) && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** Compares in constant time. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
