import { configSchema, type Config } from '../../src/config/schema.ts';
import type { ProviderStatus } from '../../src/config/providers.ts';
import { dialectById } from '../../src/dialects/registry.ts';
import type { DialectId } from '../../src/canonical/request.ts';
import type { ClientKind } from '../../src/dialects/dialect.ts';
import type { ClientResponse, Exchange } from '../../src/gateway/exchange.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { createObserver } from '../../src/gateway/observer.ts';
import { createModelCatalog } from '../../src/gateway/modelCatalog.ts';
import type { RequestRecord } from '../../src/gateway/record.ts';
import type { StartCapture } from '../../src/gateway/requestCapture.ts';
import type { UpstreamCall, UpstreamReply } from '../../src/gateway/upstream.ts';
import { createLog, type Log } from '../../src/observe/log.ts';
import { createFigures } from '../../src/observe/figures.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createReasoningMemory } from '../../src/reasoning/history.ts';
import { createAffinity } from '../../src/routing/affinity.ts';
import { createBudgetLedger } from '../../src/routing/budgets.ts';
import type { TestVerdicts } from '../../src/routing/unfit.ts';
import { createHealth } from '../../src/routing/health.ts';
import { joinPieces } from '../../src/sse/pieces.ts';
import { createFakeClock, type FakeClock } from './fakeClock.ts';
import { testSealer } from './testSealer.ts';

/** How a test answers a request to a provider. */
export type Answering = (call: UpstreamCall) => Promise<UpstreamReply>;

export type Asked = {
  dialect: DialectId;
  body: object;
  isLong?: boolean;
  client?: ClientKind;
  preset?: string;
  query?: string;
  headers?: Record<string, string>;
};

/** What the client received. */
export type Received = { status: number; headers: Record<string, string>; text: string; ended: boolean };

/** A whole gateway between a test's client and a test's provider, on a clock that the test advances. */
export function createGatewayBench(
  configText: object,
  answer: Answering,
  off: ProviderStatus[] = [],
  startCapture?: (parts: { config: () => Config; clock: FakeClock; log: Log }) => StartCapture,
  testVerdicts?: TestVerdicts,
) {
  let config = configSchema.parse(configText);
  const clock: FakeClock = createFakeClock();
  const health = createHealth();
  const figures = createFigures(clock.now);
  const metrics = createMetrics(health.latencies, figures);
  const records: RequestRecord[] = [];
  const calls: UpstreamCall[] = [];
  const logged: string[] = [];
  let ids = 0;
  const models = createModelCatalog({ config: () => config, learnt: () => undefined, now: clock.now });
  const log = createLog(
    () => 'debug',
    (level, message) => logged.push(`${level} ${message}`),
  );
  const gateway = createGateway({
    testVerdicts,
    startCapture: startCapture?.({ config: () => config, clock, log }),
    pricesOf: (target) => models.factsOf(target).prices,
    windowOf: (target) => models.factsOf(target).contextWindow,
    outputLimitOf: (target) => models.factsOf(target).maxOutputTokens,
    settings: () => ({
      config,
      providers: [...off, ...config.Providers.map(({ name }) => ({ name, enabled: true as const }))],
    }),
    upstream: () => ({
      async send(call) {
        calls.push(call);
        return answer(call);
      },
      close: () => Promise.resolve(),
      destroy: () => Promise.resolve(),
    }),
    scope: () => undefined,
    health,
    affinity: createAffinity(),
    spending: createBudgetLedger(),
    memory: createReasoningMemory({ maxTurns: 100, maxBytes: 1_000_000, maxQuietMs: 3_600_000, now: clock.now }),
    metrics,
    observer: createObserver({ metrics, figures }, (record) => records.push(record)),
    log,
    clock,
    random: () => 1,
    newId: (prefix) => `${prefix}_${++ids}`,
    sealer: testSealer,
    maxStreams: 2,
  });

  function ask({ dialect, body, isLong, client: kind = 'other', preset, query = '', headers = {} }: Asked) {
    const received: Received = { status: 0, headers: {}, text: '', ended: false };
    const client: Client = { stalled: undefined };
    const controller = new AbortController();
    const exchange: Exchange = {
      id: `req_${++ids}`,
      dialect: dialectById(dialect),
      client: kind,
      body,
      isLong,
      headers,
      preset,
      query,
      signal: controller.signal,
      response: createResponse(received, client),
    };
    return {
      received,
      done: gateway.answer(exchange),
      hangUp: () => controller.abort(new Error('The client went away.')),
      /** Stops the client from reading until the returned function is called. */
      stall(): () => void {
        const { promise, resolve } = Promise.withResolvers<void>();
        client.stalled = promise;
        return () => {
          client.stalled = undefined;
          resolve();
        };
      },
    };
  }

  const reload = (text: object): void => void (config = configSchema.parse(text));
  const { preview } = gateway;
  return { ask, preview, reload, clock, calls, logged, records, metrics, figures, health, config: () => config };
}

type Client = { stalled: Promise<void> | undefined };

function createResponse(received: Received, client: Client): ClientResponse {
  return {
    isOpen: () => received.status !== 0,
    open(status, headers) {
      received.status = status;
      received.headers = headers;
    },
    write(text) {
      received.text += joinPieces(text);
      return client.stalled;
    },
    end(text = '') {
      received.text += joinPieces(text);
      received.ended = true;
    },
  };
}

/** A provider's event stream that a test writes piece by piece. */
export function createOpenStream() {
  let wake: (() => void) | undefined;
  const pieces: string[] = [];
  let state: 'open' | 'ended' | 'cut' = 'open';
  async function* body(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) yield Buffer.from(piece);
      else if (state === 'ended') return;
      else if (state === 'cut') throw new Error('terminated');
      else if (signal.aborted) throw signal.reason;
      else await Promise.race([aborted, new Promise<void>((resolve) => (wake = resolve))]);
    }
  }
  const change = (act: () => void) => (): void => {
    act();
    wake?.();
  };
  return {
    reply: (call: UpstreamCall): UpstreamReply => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: body(call.signal),
    }),
    send: (text: string): void => change(() => pieces.push(text))(),
    end: change(() => (state = 'ended')),
    cut: change(() => (state = 'cut')),
  };
}

/** A provider's whole reply. */
export function replyWith(status: number, body: unknown, headers: Record<string, string> = {}): UpstreamReply {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  }
  const type = typeof body === 'string' ? 'text/event-stream' : 'application/json';
  return { status, headers: { 'content-type': type, ...headers }, body: chunks() };
}

export function chatChunk(delta: object, finishReason: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c', model: 'real-model', choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`;
}
