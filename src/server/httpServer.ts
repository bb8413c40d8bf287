import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { toGatewayError } from '../canonical/errors.ts';
import type { ControlApi } from '../control/api.ts';
import { createEndpointFinder } from '../control/endpoints.ts';
import { dialectById } from '../dialects/registry.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { responsesCompact } from '../dialects/openaiResponses/compactEndpoint.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Metrics } from '../observe/metrics.ts';
import { readAddress, type Address } from './address.ts';
import { answerStored } from './answerStored.ts';
import { longBody, readJsonBody, statedLength } from './body.ts';
import type { BodyBudget, Hold } from './bodyBudget.ts';
import { createClientResponse, type ClientResponseOptions } from './clientResponse.ts';
import { countTokens } from './countTokens.ts';
import { endpoints, type EndpointName } from './endpoints.ts';
import { checkAddress, checkContentType, checkOrigin, checkToken, checkUser, type GuardSettings } from './guard.ts';
import { newId } from './ids.ts';
import type { Pages } from './pages.ts';
import { refusalReply, type Refusal } from './refusal.ts';
import { callerOf, clientKind, createRequestIds, singleHeaders } from './requestHeaders.ts';
import { preflight, send, sendJson } from './send.ts';

export type HttpServerParts = {
  gateway: Gateway;
  control: ControlApi;
  pages: Pages;
  metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** Read for each request, since a reload may change it. */
  guard(): GuardSettings;
  /** For the request with this id. */
  clientResponse(id: string): ClientResponseOptions;
  bodies: BodyBudget;
  /** How long a client may take to send its request. Milliseconds. */
  receiving?: { headersMs: number; requestMs: number };
};

const receivingLimits = { headersMs: 30_000, requestMs: 300_000 };

/** One request, past the guard. `parameter` is the `{id}` of its path. */
type Call = { request: IncomingMessage; response: ServerResponse; address: Address; parameter: string };

type Handler = (call: Call) => void | Promise<void>;

export function createHttpServer(parts: HttpServerParts): Server {
  const handlers = createHandlers(parts);
  const { headersMs, requestMs } = parts.receiving ?? receivingLimits;
  const options = {
    shouldUpgradeCallback: isWebSocket,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(headersMs, 5_000),
    // Also when NODE_OPTIONS asks for a parser that takes two lengths of one body.
    insecureHTTPParser: false,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  };
  const server = createServer(options, (request, response) => {
    // server.close() waits for open connections: once it is closing, close each connection when its answer is complete.
    response.on('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    handle(request, response, parts, handlers).catch((thrown: unknown) => {
      const error = toGatewayError(thrown);
      if (response.headersSent) response.destroy();
      else refuse(request, response, { status: 500, message: error.message });
    });
  });
  // Longer than clients keep idle connections (often 90 s), so that the server never closes one just as it is reused.
  server.keepAliveTimeout = 120_000;
  server.on('upgrade', (request, socket) => {
    // Codex tries a WebSocket first: 426 makes it fall back to HTTP at once, 404 only after seven attempts.
    request.on('error', () => undefined);
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => {
      // Otherwise server.close() waits for this socket until the client closes its side, if it ever does.
      socket.destroy();
    });
  });
  return server;
}

/** Some clients offer HTTP/2 with each request (`Upgrade: h2c`); they accept an answer over HTTP/1.1. */
function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

const findEndpoint = createEndpointFinder(endpoints);

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  parts: HttpServerParts,
  handlers: Record<EndpointName, Handler>,
): Promise<void> {
  const guard = parts.guard();
  const address = readAddress(request.url ?? '/');
  const refusal = checkOrigin(request, guard) ?? checkAddress(address, guard);
  if (refusal) return refuse(request, response, refusal);
  allowOrigin(request, response, guard);
  if (request.method === 'OPTIONS') return preflight(response);
  if (address.path.startsWith('/ccr/')) return parts.control.handle(request, response, address);
  const { name, parameter, methods } = findEndpoint(readMethod(request), address.path);
  const needsToken = name === undefined || endpoints[name].token !== 'none';
  const unauthorized = needsToken ? refusalOf(request, guard) : undefined;
  if (unauthorized) return refuse(request, response, unauthorized);
  if (name) return handlers[name]({ request, response, address, parameter });
  if (methods.includes('POST')) return refuseMethod(request, response);
  notFound(request, response);
}

/** Why the request may not use the gateway. */
function refusalOf(request: IncomingMessage, guard: GuardSettings): Refusal | undefined {
  return checkToken(request, guard.token) ?? checkUser(request, guard);
}

/** HEAD is answered like GET; Node leaves out the body. */
function readMethod({ method = 'GET' }: IncomingMessage): string {
  return method === 'HEAD' ? 'GET' : method;
}

function createHandlers(parts: HttpServerParts): Record<EndpointName, Handler> {
  const { gateway, pages, metrics } = parts;
  const idOf = createRequestIds();
  const converseIn = (dialect: Dialect) => (call: Call) => converse(call, idOf(call.request), dialect, parts);
  const page = (read: (call: Call) => object) => (call: Call) => sendJson(call.response, 200, read(call));
  const stored =
    (method: 'GET' | 'DELETE') =>
    ({ response, parameter }: Call): void => {
      const { status, body } = answerStored(method, parameter, gateway.stored);
      sendJson(response, status, body);
    };
  return {
    chatCompletions: converseIn(dialectById('openai-chat')),
    responses: converseIn(dialectById('openai-responses')),
    compact: converseIn(responsesCompact),
    messages: converseIn(dialectById('anthropic-messages')),
    countTokens: (call) => answerCountTokens(call, idOf(call.request), parts.bodies),
    readResponse: stored('GET'),
    deleteResponse: stored('DELETE'),
    models: page(({ address, request }) => pages.models(address.query, request.headers)),
    presets: page(pages.presets),
    latencies: page(pages.latencies),
    usage({ request, response, address }) {
      const answer = pages.usage(address.query);
      if ('page' in answer) sendJson(response, 200, answer.page);
      else refuse(request, response, { status: 400, message: answer.error });
    },
    tokenDrift: page(pages.tokenDrift),
    tokenAudit: page(pages.tokenAudit),
    throughput: page(pages.throughput),
    frontendMetrics: page(pages.frontendMetrics),
    health: page(({ request }) => pages.health(refusalOf(request, parts.guard()) === undefined)),
    metrics: async ({ response }) => send(response, 200, metrics.contentType, await metrics.text()),
    hello: page(pages.hello),
    claudeHello: page(pages.hello),
  };
}

/** Passes a request to the gateway, which answers it in the client's dialect. */
async function converse(
  { request, response, address }: Call,
  id: string,
  dialect: Dialect,
  { gateway, clientResponse, bodies }: HttpServerParts,
): Promise<void> {
  // Listen before the body is read: the client may hang up while it sends.
  const signal = abortOnHangUp(response);
  const accepted = await acceptBody(request, response, dialect, id, bodies, signal);
  if (!accepted) return;
  const exchange: Exchange = {
    id,
    dialect,
    client: clientKind(request.headers),
    caller: callerOf(request, address.scope),
    body: accepted.body,
    isLong: accepted.hold.bytes() > longBody,
    headers: singleHeaders(request),
    preset: address.preset,
    scope: address.scope,
    query: address.query.size > 0 ? `?${address.query}` : '',
    signal,
    response: createClientResponse(response, clientResponse(id)),
  };
  await gateway.answer(exchange).finally(accepted.hold.release);
}

async function answerCountTokens({ request, response }: Call, id: string, bodies: BodyBudget): Promise<void> {
  const dialect = dialectById('anthropic-messages');
  const accepted = await acceptBody(request, response, dialect, id, bodies, abortOnHangUp(response));
  if (!accepted) return;
  try {
    sendJson(response, 200, countTokens(dialect, accepted.body));
  } catch (thrown) {
    refuseInDialect(request, response, dialect, thrown, id);
  } finally {
    accepted.hold.release();
  }
}

/** The parsed body, and the hold of its memory; undefined if the request was refused. */
async function acceptBody(
  request: IncomingMessage,
  response: ServerResponse,
  dialect: Dialect,
  id: string,
  bodies: BodyBudget,
  signal: AbortSignal,
): Promise<{ body: unknown; hold: Hold } | undefined> {
  const wrongType = checkContentType(request);
  if (wrongType) return void refuse(request, response, wrongType);
  let hold: Hold | undefined;
  try {
    hold = await bodies.reserve(statedLength(request), signal);
    return { body: await readJsonBody(request, hold), hold };
  } catch (thrown) {
    hold?.release();
    return void refuseInDialect(request, response, dialect, thrown, id);
  }
}

function abortOnHangUp(response: ServerResponse): AbortSignal {
  const abort = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) abort.abort(new Error('The client disconnected.'));
  });
  return abort.signal;
}

function refuseInDialect(
  request: IncomingMessage,
  response: ServerResponse,
  dialect: Dialect,
  thrown: unknown,
  id: string,
): void {
  const error = toGatewayError(thrown);
  const reply = dialect.writeError(error, {
    client: clientKind(request.headers),
    createdAt: Math.floor(Date.now() / 1000),
    newId,
    model: 'auto',
    stream: false,
  });
  response.setHeader('x-request-id', id);
  if (reply.type === 'json') sendJson(response, reply.status, reply.body, reply.headers);
  else if (reply.type === 'text') send(response, reply.status, 'text/plain; charset=utf-8', reply.body);
  discardRest(request);
}

/** How long the client may go on sending a refused body. Milliseconds. */
const discardMs = 5_000;

/** If the connection closes while a client is still sending, it reports a broken connection instead of the answer. */
function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.socket.destroy(), discardMs);
  request.on('close', () => clearTimeout(timer));
  request.resume();
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  headers: Record<string, string> = {},
): void {
  const { path } = readAddress(request.url ?? '/');
  const { status, body } = refusalReply(refusal, path, request.headers);
  sendJson(response, status, body, headers);
  discardRest(request);
}

function refuseMethod(request: IncomingMessage, response: ServerResponse): void {
  refuse(request, response, { status: 405, message: `${writtenPath(request)} takes POST.` }, { allow: 'POST' });
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  const served = [...new Set(Object.values(endpoints).map(({ path }) => path))].filter((path) => path !== '/');
  const message = `CCR has no ${request.method ?? 'GET'} ${writtenPath(request)}. It serves ${served.join(', ')}.`;
  refuse(request, response, { status: 404, message });
}

/** The path as the client sent it, without the query, which may hold a secret. */
function writtenPath({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? url;
}

/** CORS for the origins that the config allows; other web pages get no CORS headers. */
function allowOrigin(request: IncomingMessage, response: ServerResponse, { allowedOrigins }: GuardSettings): void {
  const { origin } = request.headers;
  if (origin === undefined || !allowedOrigins.includes(origin)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-headers', 'authorization, content-type, x-api-key');
  response.setHeader('vary', 'origin');
}
