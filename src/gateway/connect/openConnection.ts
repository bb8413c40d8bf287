import type { Socket } from 'node:net';
import { GatewayError } from '../../canonical/errors.ts';
import { connectionError, proxyError, proxyRefusal } from './connectionError.ts';
import { closedCode, createHttpClient } from './httpClient.ts';
import { addressOf, openTcp, type StartTls } from './openSocket.ts';
import { proxyName, type Proxy } from './proxyRules.ts';
import { openThroughSocks, SocksError } from './socks.ts';

/** A way to a provider. */
export type Route = {
  /** The URL of the request. */
  url: URL;
  /** The name in the provider's certificate. */
  certified: string;
  proxy: Proxy | undefined;
  /** For the whole way, until a request can be sent. Milliseconds. */
  limitMs: number;
};

/** Whether a proxy gets the whole request, as is usual without TLS. Other proxies open a connection to the provider. */
export function isForwarded({ url, proxy }: Pick<Route, 'url' | 'proxy'>): boolean {
  return url.protocol === 'http:' && proxy !== undefined && !isSocks(proxy);
}

function isSocks({ url }: Proxy): boolean {
  return url.protocol.startsWith('socks');
}

/**
 * Opens a connection for requests to a provider. Nothing stays open if that fails or is aborted.
 * @throws GatewayError `connection`, which names the proxy if that is at fault; the signal's reason when aborted
 */
export async function openConnection(
  route: Route,
  startTls: StartTls,
  signals: readonly AbortSignal[],
): Promise<Socket> {
  const progress: Progress = { step: 'tcp', socket: undefined };
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(slowError(route, progress.step)), route.limitMs);
  // Not AbortSignal.any, which keeps something for each connection in a signal that lives as long as the gateway.
  const abort = ({ target }: { target: unknown }): void => ending.abort((target as AbortSignal).reason);
  for (const signal of signals) signal.addEventListener('abort', abort, { once: true });
  try {
    for (const signal of signals) signal.throwIfAborted();
    return await open(route, startTls, ending.signal, progress);
  } catch (thrown) {
    progress.socket?.destroy();
    throw ending.signal.aborted ? ending.signal.reason : stepError(route, progress.step, thrown);
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', abort);
  }
}

type Step = 'proxy-tcp' | 'proxy-tls' | 'tunnel' | 'tcp' | 'tls';

/** `socket` is the outermost layer so far. */
type Progress = { step: Step; socket: Socket | undefined };

async function open(route: Route, startTls: StartTls, signal: AbortSignal, progress: Progress): Promise<Socket> {
  const { url, certified, proxy } = route;
  progress.step = proxy ? 'proxy-tcp' : 'tcp';
  let socket = await openTcp(addressOf(proxy?.url ?? url), signal);
  progress.socket = socket;
  if (proxy?.url.protocol === 'https:') {
    progress.step = 'proxy-tls';
    socket = progress.socket = await startTls(socket, addressOf(proxy.url).host, signal);
  }
  if (proxy && !isForwarded(route)) {
    progress.step = 'tunnel';
    if (isSocks(proxy)) await openThroughSocks(socket, addressOf(url), proxy.url, signal);
    else await openTunnel(socket, url, proxy, signal);
  }
  if (url.protocol === 'https:') {
    progress.step = 'tls';
    socket = progress.socket = await startTls(socket, certified, signal);
  }
  return socket;
}

/** The header with the proxy's user name and password. */
export function proxyAuthorization({ url: { username, password } }: Proxy): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function openTunnel(socket: Socket, url: URL, proxy: Proxy, signal: AbortSignal): Promise<void> {
  const target = `${url.hostname}:${addressOf(url).port}`;
  const client = createHttpClient(socket, proxyName(proxy), 1);
  const headers = { host: target, 'proxy-connection': 'keep-alive', ...proxyAuthorization(proxy) };
  const { statusCode, headers: answer } = await client.connect({ path: target, headers, signal });
  if (statusCode < 200 || statusCode > 299) throw proxyRefusal(proxy, target, statusCode, answer);
}

function slowError({ url, proxy, limitMs }: Route, step: Step): GatewayError {
  const within = `within ${limitMs / 1000} s`;
  const raise = 'A longer limit can be set as connect_timeout_ms in tierRetries.';
  if (proxy && step === 'tunnel') return proxyError(proxy, `did not open a connection to ${url.host} ${within}.`);
  if (proxy && step !== 'tls') return proxyError(proxy, `did not accept a connection ${within}.`);
  const what = step === 'tls' ? 'did not complete the TLS handshake' : 'did not accept a connection';
  return new GatewayError('connection', `${url.origin} ${what} ${within}. Check the network and the URL. ${raise}`);
}

function stepError({ url, proxy }: Route, step: Step, thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (!proxy || step === 'tls') return connectionError(url.origin, thrown);
  if (thrown instanceof SocksError)
    return proxyError(proxy, `did not open a connection to ${url.host}: ${thrown.message}.`);
  if (step === 'tunnel' && hasCode(thrown, ['UND_ERR_SOCKET', 'ECONNRESET', closedCode]))
    return proxyError(proxy, `closed the connection without opening one to ${url.host}.`);
  return connectionError(`The proxy ${proxyName(proxy)}`, thrown, proxy.setting);
}

function hasCode(thrown: unknown, codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}
