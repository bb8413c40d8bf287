import { rememberByText } from '../canonical/remember.ts';
import { GatewayError, messageOf } from '../canonical/errors.ts';
import { redact } from '../canonical/providerError.ts';
import type { Config } from '../config/schema.ts';
import { connectionError, proxyRefusal } from './connect/connectionError.ts';
import { createConnectionPool, type ConnectionPool } from './connect/connectionPool.ts';
import { closedCode, type HttpClient } from './connect/httpClient.ts';
import { isForwarded, openConnection, proxyAuthorization } from './connect/openConnection.ts';
import { createStartTls, type StartTls } from './connect/openSocket.ts';
import { createProxyFinder, proxyName, type Proxy, type ProxyFinder, type ProxyOptions } from './connect/proxyRules.ts';
import { decodeBody } from './decodeBody.ts';
import { requestOver, type ReceivedReply } from './connect/requestOver.ts';
import { discardBody, maxRedirects, redirectedUrl } from './redirect.ts';

export type UpstreamOptions = ProxyOptions & {
  /** How many idle connections are kept for each origin. */
  maxIdlePerHost: number;
  /** How long an idle connection is kept. Milliseconds. */
  idleTimeoutMs: number;
};

/** The connection options in the config. */
export function upstreamOptions(
  { PROXY_URL, POOL_MAX_IDLE_PER_HOST, POOL_IDLE_TIMEOUT_MS }: Config,
  environment: UpstreamOptions['environment'],
): UpstreamOptions {
  return {
    proxyUrl: PROXY_URL,
    environment,
    maxIdlePerHost: POOL_MAX_IDLE_PER_HOST,
    idleTimeoutMs: POOL_IDLE_TIMEOUT_MS,
  };
}

export type UpstreamCall = {
  /** POST unless given; a GET has no body. */
  method?: 'GET' | undefined;
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
  /** Limit for establishing a connection: the proxy and TLS included. Milliseconds. */
  connectTimeoutMs?: number | undefined;
};

export type UpstreamReply = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: AsyncIterable<Uint8Array>;
};

/** The HTTP client for providers: pooled connections, proxies, certificates. */
export type Upstream = {
  /** @throws GatewayError `connection`, with a message that names the URL's host; the signal's reason when aborted. */
  send(call: UpstreamCall): Promise<UpstreamReply>;
  /** Waits for running requests, then closes the connections. */
  close(): Promise<void>;
  /** Aborts running requests and closes the connections. */
  destroy(): Promise<void>;
};

/** For callers that have no limit of their own. Milliseconds. */
const defaultConnectMs = 10_000;

type Parts = {
  pool: ConnectionPool;
  startTls: StartTls;
  ending: AbortSignal;
  destinationOf(address: string): Destination;
};

/** More URLs than are in use at a time. To read one takes longer than to look it up. */
const maxDestinations = 100;

export function createUpstream(options: UpstreamOptions): Upstream {
  const pool = createConnectionPool({ maxIdle: options.maxIdlePerHost, idleTimeoutMs: options.idleTimeoutMs });
  const ending = new AbortController();
  const startTls = createStartTls();
  let known: Parts | undefined;

  /** The proxies are read with the first request, which can say what is wrong with them. */
  function open(): Parts {
    const findProxy = openProxyFinder(options);
    const destinationOf = rememberByText(maxDestinations, (address) => readDestination(address, findProxy));
    return { pool, startTls, ending: ending.signal, destinationOf };
  }

  return {
    async send(call) {
      const parts = (known ??= open());
      let url = call.url;
      let reply = await request(parts, call, url);
      for (let count = 0; count < maxRedirects; count++) {
        const next = redirectedUrl(reply, url);
        if (next === undefined) break;
        await discardBody(reply.body);
        url = next;
        reply = await request(parts, call, url);
      }
      return reply;
    },
    close: () => pool.close(),
    async destroy() {
      ending.abort(new GatewayError('cancelled', 'The connections to providers were closed.'));
      await pool.destroy();
    },
  };
}

function openProxyFinder(options: ProxyOptions): ProxyFinder {
  try {
    return createProxyFinder(options);
  } catch (thrown) {
    const message = `The proxy can't be used: ${redact(messageOf(thrown))}. Check PROXY_URL, http_proxy and https_proxy.`;
    throw new GatewayError('connection', message, { cause: thrown });
  }
}

/** Where a URL leads. `certified` is the name in the certificate unless a request has a header for the host. */
type Destination = { url: URL; proxy: Proxy | undefined; certified: string; connection: string };

/** What is sent where. */
type Sending = Destination & { call: UpstreamCall };

function readDestination(address: string, findProxy: ProxyFinder): Destination {
  const url = new URL(address);
  const proxy = findProxy(url);
  const certified = bareHost(url.hostname);
  return { url, proxy, certified, connection: connectionName(url, proxy, certified) };
}

async function request(parts: Parts, call: UpstreamCall, address: string): Promise<UpstreamReply> {
  const sending = sendingOf(parts.destinationOf(address), call);
  const pooled = parts.pool.take(sending.connection);
  const sentAt = performance.now();
  try {
    if (pooled) return await requestOn(pooled, sending, parts);
  } catch (thrown) {
    const wasStale = isClosed(thrown) && performance.now() - sentAt < staleMs;
    if (!wasStale || call.signal.aborted) throw requestError(sending, thrown);
  }
  const fresh = await openFor(parts, sending);
  return requestOn(fresh, sending, parts).catch((thrown: unknown) => {
    throw requestError(sending, thrown);
  });
}

/** A peer that closed an idle connection just before it was used is known by then, and has read nothing. Milliseconds. */
const staleMs = 1_000;

/** Requests to providers of one origin share connections, and so do all that one proxy forwards. */
function connectionName(url: URL, proxy: Proxy | undefined, certified: string): string {
  return isForwarded({ url, proxy }) && proxy ? `proxy ${proxy.url.href}` : `${url.origin} ${certified}`;
}

/** An `extra_headers` entry for the host also names the certificate to expect. */
function sendingOf({ url, proxy, certified, connection }: Destination, call: UpstreamCall): Sending {
  const host = Object.keys(call.headers).find(isHostName);
  const given = host === undefined ? undefined : call.headers[host];
  if (given === undefined) return { url, proxy, certified, connection, call };
  const named = bareHost(given.replace(/:\d+$/, ''));
  return { url, proxy, certified: named, connection: connectionName(url, proxy, named), call };
}

function isHostName(header: string): boolean {
  return header.length === 4 && header.toLowerCase() === 'host';
}

/** Without the brackets of an address of version 6. */
function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

async function openFor(parts: Parts, sending: Sending): Promise<HttpClient> {
  const { url, call, proxy, certified } = sending;
  const limitMs = call.connectTimeoutMs ?? defaultConnectMs;
  const route = { url, certified, proxy, limitMs };
  const socket = await openConnection(route, parts.startTls, [call.signal, parts.ending]);
  const origin = isForwarded(sending) && proxy ? proxyName(proxy) : url.origin;
  return parts.pool.add(sending.connection, origin, socket);
}

async function requestOn(client: HttpClient, { url, call, proxy }: Sending, { pool }: Parts): Promise<UpstreamReply> {
  const { method = 'POST', headers, body, signal } = call;
  const path = url.pathname + url.search;
  const forwarder = isForwarded({ url, proxy }) ? proxy : undefined;
  let reply: ReceivedReply;
  try {
    reply = await requestOver(client, {
      path: forwarder ? url.origin + path : path,
      method,
      headers: forwarder ? { host: url.host, ...headers, ...proxyAuthorization(forwarder) } : headers,
      body: method === 'GET' ? null : body,
      signal,
    });
  } catch (thrown) {
    // Without this a connection whose request was not sent would stay open, and be no idle one.
    pool.drop(client);
    throw thrown;
  }
  if (forwarder && reply.status === 407) {
    pool.drop(client);
    throw proxyRefusal(forwarder, url.host, reply.status, reply.headers);
  }
  return { status: reply.status, headers: reply.headers, body: decodeBody(reply) };
}

function isClosed(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === closedCode || code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

function requestError(sending: Sending, thrown: unknown): unknown {
  const { url, call, proxy } = sending;
  if (call.signal.aborted) return call.signal.reason;
  if (thrown instanceof GatewayError) return thrown;
  if (isForwarded(sending) && proxy && isClosed(thrown))
    return connectionError(`The proxy ${proxyName(proxy)}`, thrown, proxy.setting);
  return connectionError(url.origin, thrown);
}
