import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { GatewayError } from '../canonical/errors.ts';
import { visibleText } from '../canonical/visibleText.ts';
import { providerSchema } from '../config/schema.ts';
import { createEndpointFinder, controlEndpoints, type ControlEndpoint } from './endpoints.ts';
import { controlProtocol, helloProof } from './protocol.ts';
import type { WindowModels } from './windowModels.ts';
import type {
  CheckRequest,
  ControlEvent,
  Hello,
  ModelsRequest,
  RequestView,
  RoutePreview,
  Steering,
} from './protocol.ts';

export type ControlApi = {
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    address: { path: string; query: URLSearchParams },
  ): Promise<void>;
  /** Ends the event streams, which otherwise keep the server open. */
  close(): void;
};

export type ControlParts = {
  steering: Steering;
  token: string;
  pid: number;
  version: string;
  readBody(request: IncomingMessage): Promise<unknown>;
  isToken(given: string): boolean;
};

/** Events that a window has not read yet, above which its stream is closed. Bytes. */
const maxUnreadBytes = 4 * 1024 * 1024;

/** An error's, which may quote the request. Characters. */
const longestMessage = 4000;

const scopeBody = z.union([
  z.strictObject({ preset: z.string().min(1) }),
  z.strictObject({ route: z.string().min(1) }),
  z.null(),
]);
const secretsBody = z.record(z.string().min(1), z.string().min(1).nullable());
const offerBody: z.ZodType<WindowModels | null> = z
  .strictObject({ url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/), key: z.string().min(16).max(200) })
  .nullable();
const checkBody: z.ZodType<CheckRequest> = z.object({
  provider: z.union([z.string().min(1), providerSchema]),
  key: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  once: z.boolean().optional(),
});
const previewBody: z.ZodType<RoutePreview> = z.object({
  dialect: z.enum(['openai-chat', 'openai-responses', 'anthropic-messages']),
  body: z.unknown(),
  headers: z.record(z.string(), z.string()).optional(),
  preset: z.string().min(1).optional(),
  scope: z.string().min(1).optional(),
});
const modelsBody: z.ZodType<ModelsRequest> = z.object({ provider: providerSchema });
const stopBody = z.object({ timeoutMs: z.number().min(0).optional() });

/** One request to the control API. */
type Call = { request: IncomingMessage; response: ServerResponse; query: URLSearchParams; parameter: string };

/** Answers a call: with the body that it resolves to (undefined: the handler has written its own answer). */
type Handler = (call: Call) => object | undefined | Promise<object | undefined>;

export function createControlApi(parts: ControlParts): ControlApi {
  const streams = createEventStreams(parts.steering);
  const handlers = createHandlers(parts, streams);
  const findEndpoint = createEndpointFinder(controlEndpoints);

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    { path, query }: { path: string; query: URLSearchParams },
  ): Promise<void> {
    const method = request.method ?? 'GET';
    const { name, parameter } = findEndpoint(method, path);
    const token = name && controlEndpoints[name].token;
    if (token !== 'none' && !parts.isToken(request.headers.authorization?.replace(/^Bearer\s+/i, '') ?? ''))
      return reply(response, 401, errorBody('The control API requires the token in the run file.'));
    if (!name) return reply(response, 404, errorBody(`The control API has no ${method} ${path}.`));
    try {
      const body = await handlers[name]({ request, response, query, parameter });
      if (body) reply(response, 200, body);
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      reply(response, thrown.kind === 'not-found' ? 404 : 400, errorBody(thrown.message));
    }
  }

  return { handle, close: streams.close };
}

function createHandlers(parts: ControlParts, streams: EventStreams): Record<ControlEndpoint, Handler> {
  const { steering, readBody } = parts;
  const shutDown = async ({ request, response }: Call, isFinal: boolean): Promise<undefined> => {
    const { timeoutMs } = await readAs(stopBody, request, readBody);
    if (isFinal) streams.sendStopped();
    reply(response, 202, { stopping: true });
    steering.stop(timeoutMs);
  };
  return {
    hello: ({ query }) => hello(parts, query.get('nonce') ?? ''),
    state: steering.state,
    requests: ({ query }) =>
      steering.requests({ after: numberOf(query.get('after')), limit: numberOf(query.get('limit')) }),
    request: ({ parameter }) => findRequest(steering.requests({}), parameter),
    route: async ({ request }) => steering.preview(await readAs(previewBody, request, readBody)),
    clientToken: () => ({ token: steering.clientToken() ?? null }),
    events: ({ response }) => streams.open(response),
    log({ query }) {
      const after = numberOf(query.get('after')) ?? 0;
      return steering.logLines().filter(({ cursor = 0 }) => cursor > after);
    },
    async setScope({ request, parameter }) {
      steering.setScope(parameter, await readAs(scopeBody, request, readBody));
      return steering.state();
    },
    async putSecrets({ request }) {
      steering.putSecrets(await readAs(secretsBody, request, readBody));
      return steering.state();
    },
    async offerModels({ request, parameter }) {
      steering.offerModels(parameter, await readAs(offerBody, request, readBody));
      return steering.state();
    },
    reload() {
      steering.reload();
      return steering.state();
    },
    check: async ({ request, response }) =>
      steering.check(await readAs(checkBody, request, readBody), abortOnHangUp(response)),
    models: async ({ request }) => steering.models(await readAs(modelsBody, request, readBody)),
    listModels: steering.listModels,
    refreshCatalog: steering.refreshCatalog,
    clearStats() {
      steering.clearStats();
      return { cleared: true };
    },
    stop: (call) => shutDown(call, true),
    drain: (call) => shutDown(call, false),
  };
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** @throws GatewayError `not-found`. */
function findRequest(requests: readonly RequestView[], id: string): RequestView {
  const found = id === 'last' ? requests.at(-1) : requests.findLast((each) => each.id === id);
  if (found) return found;
  const what = id === 'last' ? 'CCR has answered no request yet.' : `CCR has no record of a request "${id}".`;
  throw new GatewayError('not-found', `${what} It keeps the last 1,000 requests, for a week at most.`);
}

function hello({ pid, version, token }: ControlParts, nonce: string): Hello {
  return { name: 'ccr', pid, version, protocol: controlProtocol, proof: helloProof(token, nonce) };
}

/** @throws GatewayError `invalid-request` naming the fields. */
async function readAs<T>(
  schema: z.ZodType<T>,
  request: IncomingMessage,
  readBody: ControlParts['readBody'],
): Promise<T> {
  const parsed = schema.safeParse(await readBody(request));
  if (parsed.success) return parsed.data;
  throw new GatewayError('invalid-request', `Invalid request to the control API: ${z.prettifyError(parsed.error)}`);
}

type EventStreams = ReturnType<typeof createEventStreams>;

/** The open `GET /ccr/events` answers. */
function createEventStreams({ state, subscribe, logLines }: Steering) {
  const streams = new Set<ServerResponse>();
  return {
    open(response: ServerResponse): undefined {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
      const send = (event: ControlEvent): void => {
        sendEvent(response, event);
        // Bounds memory when a window has stopped reading; it connects again when it resumes.
        if (response.writableLength > maxUnreadBytes) response.destroy();
      };
      send({ type: 'state', state: state() });
      for (const line of logLines()) send({ type: 'log', ...line });
      const unsubscribe = subscribe(send);
      streams.add(response);
      response.on('close', () => {
        unsubscribe();
        streams.delete(response);
      });
    },
    sendStopped: () => streams.forEach((stream) => sendEvent(stream, { type: 'stopped' })),
    /** An open stream would keep the server from closing. */
    close: () => streams.forEach((stream) => stream.end()),
  };
}

/** Aborts if the client hangs up before its answer is written. */
function abortOnHangUp(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort(new Error('The client disconnected.'));
  });
  return gone.signal;
}

function sendEvent(response: ServerResponse, event: ControlEvent): void {
  response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function errorBody(message: string): object {
  return { error: { message: visibleText(message, longestMessage) } };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
