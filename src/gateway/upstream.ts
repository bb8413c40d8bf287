import { createSecureContext, getCACertificates } from 'node:tls';
import { buildConnector, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { GatewayError, messageOf } from '../canonical/errors.ts';
import { redact } from '../canonical/providerError.ts';
import { proxyWithScheme } from '../config/secrets.ts';
import type { Config } from '../config/schema.ts';
import { decodeBody } from './decodeBody.ts';
import { skipInterimResponses } from './interimResponses.ts';
import { maxRedirects, redirectedUrl } from './redirect.ts';

export type UpstreamOptions = {
  /** `PROXY_URL`; without it the environment's proxy settings apply. */
  proxyUrl?: string | undefined;
  environment: Record<string, string | undefined>;
  /** How long an idle connection is kept. Milliseconds. */
  idleTimeoutMs: number;
};

/** The connection options in the config. */
export function upstreamOptions(
  { PROXY_URL, POOL_IDLE_TIMEOUT_MS }: Config,
  environment: UpstreamOptions['environment'],
): UpstreamOptions {
  return { proxyUrl: PROXY_URL, environment, idleTimeoutMs: POOL_IDLE_TIMEOUT_MS };
}

export type UpstreamCall = {
  /** POST unless given; a GET has no body. */
  method?: 'GET' | undefined;
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
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
  /** Aborts running requests. No effect after `close`, which forgets the connections that it waits for. */
  destroy(): Promise<void>;
};

/** Limit for establishing a connection, before a retry or failover. Milliseconds. */
const connectTimeoutMs = 10_000;

/** Local model servers are never behind a proxy. */
const neverProxied = '127.0.0.1,localhost,[::1]';

export function createUpstream(options: UpstreamOptions): Upstream {
  let dispatcher: Dispatcher | undefined;
  return {
    async send(call) {
      dispatcher ??= openDispatcher(options);
      let reply = await request(dispatcher, call, call.url);
      for (let count = 0; count < maxRedirects; count++) {
        const next = redirectedUrl(reply, call.url);
        if (next === undefined) break;
        // Its body is of no use, but must be read for the connection to be reused.
        for await (const _ of reply.body);
        reply = await request(dispatcher, call, next);
      }
      return reply;
    },
    async close() {
      await dispatcher?.close();
    },
    async destroy() {
      await dispatcher?.destroy();
    },
  };
}

async function request(
  dispatcher: Dispatcher,
  { method, headers, body, signal }: UpstreamCall,
  url: string,
): Promise<UpstreamReply> {
  const { origin, pathname, search } = new URL(url);
  try {
    const reply = await dispatcher.request({
      origin,
      path: pathname + search,
      method: method ?? 'POST',
      headers,
      body: method === 'GET' ? null : body,
      signal,
      // The gateway has its own, by tier and stage.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const { statusCode: status, headers: replyHeaders } = reply;
    return { status, headers: replyHeaders, body: decodeBody({ headers: replyHeaders, body: reply.body }) };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw connectionError(origin, thrown);
  }
}

function openDispatcher(options: UpstreamOptions): Dispatcher {
  try {
    return createDispatcher(options);
  } catch (thrown) {
    const message = `The proxy can't be used: ${redact(messageOf(thrown))}. Check PROXY_URL, http_proxy and https_proxy.`;
    throw new GatewayError('connection', message, { cause: thrown });
  }
}

function createDispatcher({ proxyUrl, environment, idleTimeoutMs }: UpstreamOptions): Dispatcher {
  const ca = [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  // Created once: reading the 100 or more certificates blocks all streams for 15 ms.
  const tls = { timeout: connectTimeoutMs, secureContext: createSecureContext({ ca }) };
  const httpProxy = proxyWithScheme(proxyUrl ?? environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '');
  const httpsProxy = proxyWithScheme(proxyUrl ?? environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '');
  const noProxy = environment['no_proxy'] ?? environment['NO_PROXY'];
  return new EnvHttpProxyAgent({
    httpProxy,
    httpsProxy,
    noProxy: noProxy ? `${noProxy},${neverProxied}` : neverProxied,
    keepAliveTimeout: idleTimeoutMs,
    connect: tolerantConnector(tls),
    requestTls: tls,
    proxyTls: tls,
  });
}

/** Connects as undici does, and takes interim responses out of what the provider sends. */
function tolerantConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector(options);
  return (target, callback) =>
    connect(target, (...[error, socket]) => {
      if (error) return callback(error, null);
      skipInterimResponses(socket);
      callback(null, socket);
    });
}

/** Messages for the error codes of undici and Node, with what to check. */
const connectionProblems: Record<string, string> = {
  ECONNREFUSED: 'refused the connection. Is it running, and is the port right?',
  ENOTFOUND: 'has no known address. Check the URL and the network.',
  EAI_AGAIN: 'could not be looked up. Check the network.',
  ETIMEDOUT: 'did not answer in time. Check the network or the proxy.',
  UND_ERR_CONNECT_TIMEOUT: `did not accept a connection within ${connectTimeoutMs / 1000} s. Check the network or the proxy.`,
  ECONNRESET: 'closed the connection.',
  UND_ERR_SOCKET: 'closed the connection.',
  EPROTO: 'does not speak TLS there. Check http or https in api_base_url.',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'has a self-signed certificate. Add its authority to the system store or NODE_EXTRA_CA_CERTS.',
  SELF_SIGNED_CERT_IN_CHAIN:
    'has a certificate from an unknown authority. Add it to the system store or NODE_EXTRA_CA_CERTS.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate that cannot be verified. Add its authority to the system store.',
  CERT_HAS_EXPIRED: 'has an expired certificate.',
};

function connectionError(origin: string, thrown: unknown): GatewayError {
  const code = errorCode(thrown);
  if (badHeaderCodes.includes(code)) {
    const why = thrown instanceof Error ? thrown.message : code;
    const message = `${origin} can't be sent this request (${why}). Check api_key, auth_header and extra_headers.`;
    return new GatewayError('auth', message, { code, cause: thrown });
  }
  const problem = connectionProblems[code] ?? `could not be reached (${code || redact(String(thrown))}).`;
  return new GatewayError('connection', `${origin} ${problem}`, { code, cause: thrown });
}

/** For example a key with a line break, or a header that only the HTTP client may set. */
const badHeaderCodes = ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'];

/** The code of an error, or of the first error in an AggregateError (several addresses were tried). */
function errorCode(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  if ('errors' in thrown && Array.isArray(thrown.errors)) return errorCode(thrown.errors[0]);
  return 'cause' in thrown ? errorCode(thrown.cause) : '';
}
