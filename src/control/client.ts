import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { readFrames } from '../sse/readFrames.ts';
import type { LiveCheck } from '../gateway/liveCheck.ts';
import type { ScopeChoice } from '../routing/route.ts';
import { controlEndpoints, type ControlEndpoint } from './endpoints.ts';
import {
  controlProtocol,
  helloProof,
  type CheckRequest,
  type CatalogRefresh,
  type ControlEvent,
  type GatewayState,
  type Hello,
  type LogLine,
  type ModelsRequest,
  type ModelView,
  type RequestsQuery,
  type RequestView,
  type RoutePreview,
  type RunFile,
} from './protocol.ts';
import type { WindowModels } from './windowModels.ts';
import { readRunFile } from './runFiles.ts';

/** A gateway whose identity was proved, and the calls to steer it. They reject with an Error whose message users may see. */
export type ControlClient = {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly version: string;
  /** The gateway's version of the control protocol: see contract.md, "Control API". */
  readonly protocol: number;
  state(): Promise<GatewayState>;
  requests(query?: RequestsQuery): Promise<RequestView[]>;
  /** `id` may be `last`. */
  request(id: string): Promise<RequestView>;
  /** What would happen to a request; nothing is sent to a provider. */
  preview(preview: RoutePreview): Promise<RequestView>;
  /** The token that clients must send, for the environment of terminals; undefined if none is required. */
  clientToken(): Promise<string | undefined>;
  setScope(id: string, choice: ScopeChoice | null): Promise<GatewayState>;
  putSecrets(secrets: Record<string, string | null>): Promise<GatewayState>;
  /** Says where this window answers requests with VS Code's own models; `null`: no longer. */
  offerModels(id: string, offer: WindowModels | null): Promise<GatewayState>;
  reload(): Promise<GatewayState>;
  /** Tests a provider with each key and each model. May take minutes. */
  check(check: CheckRequest): Promise<LiveCheck[]>;
  /** The models that a provider lists. */
  models(request: ModelsRequest): Promise<string[]>;
  /** The models of the configured providers, with their windows and prices. */
  listModels(): Promise<ModelView[]>;
  /** Has the gateway fetch the model catalog from models.dev. */
  refreshCatalog(): Promise<CatalogRefresh>;
  clearStats(): Promise<void>;
  /** Resolves when the gateway has accepted the request; it may run for another `timeoutMs`. */
  stop(timeoutMs?: number): Promise<void>;
  /** Like `stop`, to make room for a successor: a window that follows this gateway attaches to the next, or starts it. */
  drain(timeoutMs?: number): Promise<void>;
  /** The latest lines of the log, oldest first. */
  log(): Promise<LogLine[]>;
  /** Delivers events until the signal aborts. Resolves when the gateway ends the stream or its connection is lost. */
  events(onEvent: (event: ControlEvent) => void, signal: AbortSignal): Promise<void>;
};

/** What listens on a port: a gateway of this user, another program, or nothing. */
export type Occupant = { kind: 'ccr'; client: ControlClient } | { kind: 'stranger' } | { kind: 'nobody' };

export type AttachOptions = {
  homeDirectory: string;
  port: number;
  /** The HOST of the config, for a gateway without a run file. A wildcard is replaced by loopback. */
  host?: string | undefined;
};

/** For control requests that the gateway answers from memory. Milliseconds. */
const replyTimeoutMs = 5_000;
/** Longer than the gateway waits for models.dev (10 s). Milliseconds. */
const refreshTimeoutMs = 20_000;
/** Enough for a dozen models that all time out. Milliseconds. */
const checkTimeoutMs = 360_000;
/** Longer than the gateway waits for the provider. Milliseconds. */
const modelsTimeoutMs = 15_000;

/**
 * Finds out what listens on a port. Only the gateway that wrote the run file can prove that it knows the token; the token
 * itself is sent only after that proof.
 */
export async function attach({ homeDirectory, port, host }: AttachOptions): Promise<Occupant> {
  const runFile = readRunFile(homeDirectory, port);
  const address = reachable(runFile?.host ?? host ?? '127.0.0.1');
  if (!(await isListening(address, port))) return { kind: 'nobody' };
  if (!runFile) return { kind: 'stranger' };
  const nonce = randomBytes(16).toString('hex');
  const hello = await call<Hello>({ address, port }, 'hello', { query: `?nonce=${nonce}` }).catch(() => undefined);
  if (hello?.proof !== helloProof(runFile.token, nonce)) return { kind: 'stranger' };
  return {
    kind: 'ccr',
    client: createClient({ ...runFile, protocol: hello.protocol, pid: hello.pid, version: hello.version }, address),
  };
}

/** Whether the gateway has the same version of the control protocol as this program. */
export function isCompatible(client: ControlClient): boolean {
  return client.protocol === controlProtocol;
}

function createClient({ token, port, pid, version, protocol }: RunFile, address: string): ControlClient {
  const target = { address, port, token };
  return {
    pid,
    port,
    version,
    protocol,
    url: gatewayUrl(address, port),
    state: () => call(target, 'state'),
    requests: ({ after = 0, limit = 1000 } = {}) =>
      call(target, 'requests', { query: `?after=${after}&limit=${limit}` }),
    request: (id) => call(target, 'request', { parameter: id }),
    preview: (preview) => call(target, 'route', { body: preview }),
    clientToken: async () => (await call<{ token: string | null }>(target, 'clientToken')).token ?? undefined,
    setScope: (id, choice) => call(target, 'setScope', { parameter: id, body: choice }),
    putSecrets: (secrets) => call(target, 'putSecrets', { body: secrets }),
    offerModels: (id, offer) => call(target, 'offerModels', { parameter: id, body: offer }),
    reload: () => call(target, 'reload', { body: {} }),
    check: (check) => call(target, 'check', { body: check, timeoutMs: checkTimeoutMs }),
    models: (request) => call(target, 'models', { body: request, timeoutMs: modelsTimeoutMs }),
    listModels: () => call(target, 'listModels'),
    clearStats: async () => void (await call(target, 'clearStats', { body: {} })),
    refreshCatalog: () => call(target, 'refreshCatalog', { body: {}, timeoutMs: refreshTimeoutMs }),
    stop: async (timeoutMs) => void (await call(target, 'stop', { body: { timeoutMs } })),
    drain: async (timeoutMs) => void (await call(target, 'drain', { body: { timeoutMs } })),
    log: () => call(target, 'log'),
    events: (onEvent, signal) => followEvents(target, onEvent, signal),
  };
}

type CallTarget = { address: string; port: number; token?: string };

type CallOptions = {
  /** For the `{id}` of the path. */
  parameter?: string;
  /** The query, with its question mark. */
  query?: string;
  body?: unknown;
  timeoutMs?: number;
};

async function call<T>(
  target: CallTarget,
  endpoint: ControlEndpoint,
  { parameter = '', query = '', body, timeoutMs = replyTimeoutMs }: CallOptions = {},
): Promise<T> {
  const { method, path } = controlEndpoints[endpoint];
  const url = path.replace('{id}', parameter) + query;
  const reply = await open(target, method, url, body, AbortSignal.timeout(timeoutMs));
  let text = '';
  reply.setEncoding('utf8');
  for await (const chunk of reply as AsyncIterable<string>) text += chunk;
  const value = JSON.parse(text) as { error?: { message: string } };
  if ((reply.statusCode ?? 500) >= 400)
    throw new Error(value.error?.message ?? `CCR answered with HTTP ${reply.statusCode ?? 'nothing'}.`);
  return value as T;
}

function open(
  { address, port, token }: CallTarget,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const request = httpRequest({ host: address, port, method, path, headers, signal, agent: false }, resolve);
    request.on('error', reject);
    request.end(text);
  });
}

async function followEvents(
  target: CallTarget,
  onEvent: (event: ControlEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const parser = readFrames((frame) => {
    if ('data' in frame) onEvent(JSON.parse(frame.data) as ControlEvent);
  });
  try {
    const reply = await open(target, 'GET', controlEndpoints.events.path, undefined, signal);
    reply.setEncoding('utf8');
    for await (const chunk of reply as AsyncIterable<string>) parser.push(chunk);
  } catch {
    // The connection is lost or the signal aborted: either way the stream is over.
  }
}

/** The base URL of a gateway that listens on `host`, without `/v1`. */
export function gatewayUrl(host: string, port: number): string {
  const address = reachable(host);
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** An address to connect to, without brackets: loopback for a server that listens on a wildcard. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === 'localhost') return '127.0.0.1';
  return host === '::' ? '::1' : host.replace(/^\[|\]$/g, '');
}

/** Whether anything accepts connections on the port. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: replyTimeoutMs });
    const settle = (listening: boolean) => (): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.on('connect', settle(true)).on('error', settle(false)).on('timeout', settle(false));
  });
}
