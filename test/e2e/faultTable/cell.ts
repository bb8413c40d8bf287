import type { DialectId } from '../../../src/canonical/request.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { dialectById } from '../../../src/dialects/registry.ts';
import type { Clock } from '../../../src/gateway/clock.ts';
import type { ClientResponse } from '../../../src/gateway/exchange.ts';
import { createGateway } from '../../../src/gateway/gateway.ts';
import { createObserver } from '../../../src/gateway/observer.ts';
import type { Upstream } from '../../../src/gateway/upstream.ts';
import { createLog } from '../../../src/observe/log.ts';
import { createFigures } from '../../../src/observe/figures.ts';
import { createMetrics } from '../../../src/observe/metrics.ts';
import { createReasoningMemory } from '../../../src/reasoning/history.ts';
import { createAffinity } from '../../../src/routing/affinity.ts';
import { createBudgetLedger } from '../../../src/routing/budgets.ts';
import { createHealth } from '../../../src/routing/health.ts';
import { joinPieces } from '../../../src/sse/pieces.ts';
import { testSealer } from '../../support/testSealer.ts';
import { answer, type Fault } from './faults.ts';
import type { PeerServer } from './peer.ts';
import { expect, type Expected } from './rules.ts';
import { endMarks, wires } from './wires.ts';

export type Cell = { fault: Fault; wire: DialectId; client: DialectId; stream: boolean; tiers: number };

/** Real time, this many times faster, so that the gateway's own limits are short too. */
const speed = 10;

const startedAt = Date.now();

export function createFastClock(times: number): Clock {
  return {
    now: () => startedAt + (Date.now() - startedAt) * times,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / times);
      return () => clearTimeout(timer);
    },
  };
}

const limits = {
  max_retries: 1,
  base_backoff_ms: 1,
  stream_first_event_timeout_ms: 5000,
  stream_idle_timeout_ms: 5000,
};
const clientKinds = {
  'openai-chat': 'other',
  'openai-responses': 'codex',
  'anthropic-messages': 'claude-code',
} as const;
let cells = 0;

function configFor(name: string, { wire, tiers }: Cell, url: string): object {
  const { protocol } = wires[wire];
  const provider = (tier: string) => ({ name: tier, protocol, api_base_url: `${url}/${name}-${tier}/v1`, api_key: 'k', models: ['m'] });
  return {
    Providers: [provider('one'), provider('two')],
    Router: { default: 'one,m', ...(tiers === 2 && { think: 'two,m' }), tierRetries: { 'tier-0': limits, 'tier-1': limits } },
    API_TIMEOUT_MS: 6000,
  };
} // prettier-ignore

function bodyFor(client: DialectId, stream: boolean): object {
  if (client === 'openai-responses') return { model: 'auto', input: 'Hi', stream };
  return { model: 'auto', messages: [{ role: 'user', content: 'Hi' }], stream, max_tokens: 99 };
}

export type Received = { status: number; headers: Record<string, string>; text: string; ended: boolean };

function receiver(received: Received): ClientResponse {
  return {
    isOpen: () => received.status !== 0,
    open: (status, headers) => void Object.assign(received, { status, headers }),
    write: (text) => void (received.text += joinPieces(text)),
    end: (text = '') => void Object.assign(received, { text: received.text + joinPieces(text), ended: true }),
  };
}

type AskOptions = { signal?: AbortSignal; session?: string | undefined };

export type TableGateway = { ask(client: DialectId, stream: boolean, options?: AskOptions): Promise<Received> };

/** A gateway of its own, without anything around it. */
export function openTableGateway(configText: object, upstream: Upstream, clock: Clock): TableGateway {
  const config = configSchema.parse(configText);
  const health = createHealth();
  const figures = createFigures(clock.now);
  const metrics = createMetrics(health.latencies, figures);
  let ids = 0;
  const gateway = createGateway({
    settings: () => ({ config, providers: config.Providers.map(({ name }) => ({ name, enabled: true })) }),
    pricesOf: () => undefined,
    outputLimitOf: () => undefined,
    windowOf: () => undefined,
    upstream: () => upstream,
    scope: () => undefined,
    health,
    affinity: createAffinity(),
    spending: createBudgetLedger(),
    memory: createReasoningMemory({ maxTurns: 9, maxBytes: 9999, maxQuietMs: 9999, now: clock.now }),
    metrics,
    observer: createObserver({ metrics, figures }, () => undefined),
    log: createLog(
      () => 'error',
      () => undefined,
    ),
    clock,
    random: () => 1,
    newId: (prefix) => `${prefix}_${++ids}`,
    sealer: testSealer,
    maxStreams: 9,
  });
  return {
    async ask(client, stream, { signal = new AbortController().signal, session } = {}) {
      const headers = session === undefined ? {} : { 'session-id': session };
      const received: Received = { status: 0, headers: {}, text: '', ended: false };
      const response = receiver(received);
      const body = bodyFor(client, stream);
      const dialect = dialectById(client);
      await gateway.answer({ id: `req_${++ids}`, dialect, client: clientKinds[client], body, headers, query: '', signal, response });
      return received;
    },
  };
} // prettier-ignore

/** Sends one request through a gateway of its own, and returns what is wrong with the outcome. */
export async function runCell(cell: Cell, server: PeerServer, upstream: Upstream): Promise<string[]> {
  const name = `cell${++cells}`;
  const { fault, wire, client, stream, tiers } = cell;
  server.serve(`${name}-one`, (peer) => fault.play(peer, wires[wire], stream));
  server.serve(`${name}-two`, (peer) => answer(peer, wires[wire], stream));
  const gateway = openTableGateway(configFor(name, cell, server.url), upstream, createFastClock(speed));
  const received = await gateway.ask(client, stream);
  const expected = expect(fault.means, client, stream, tiers);
  const asked: [number, number] = [server.asked(`${name}-one`), server.asked(`${name}-two`)];
  const wrong = compare(cell, expected, asked, received);
  if (!(await server.isClosed(`${name}-one`, 2500))) wrong.push('a connection to the provider stays open');
  return wrong.map((each) => `${fault.name} [${wire} → ${client}, ${stream ? 'streamed' : 'whole'}, ${tiers} tiers]: ${each}`);
} // prettier-ignore

function compare({ fault, client, stream }: Cell, expected: Expected, asked: [number, number], received: Received): string[] {
  const { means } = fault;
  const { status, text, headers, ended } = received;
  const wrong: string[] = [];
  const excerpt = text.slice(-300);
  if (!ended) wrong.push('the reply has no end');
  if (String(asked) !== String(expected.asked)) wrong.push(`asked ${String(asked)}, not ${String(expected.asked)}: ${excerpt}`);
  if (status !== expected.status) wrong.push(`status ${status}, not ${expected.status}: ${excerpt}`);
  const isStream = headers['content-type']?.startsWith('text/event-stream') === true;
  const isError = status !== 200 || /"error":\{|"status":"failed"/.test(text);
  if (isError !== expected.isError) wrong.push(`${isError ? 'an error' : 'no error'}: ${excerpt}`);
  if (!expected.isError && !readsHello(text)) wrong.push(`the answer is incomplete: ${excerpt}`);
  if (expected.isError && !text.includes('one,m')) wrong.push(`the target is not named: ${excerpt}`);
  if (expected.isError && typeof means === 'object' && means.says && !text.includes(JSON.stringify(means.says).slice(1, -1)) && !text.includes(means.says))
    wrong.push(`the words are lost: ${excerpt}`);
  const ends = text.match(endMarks[client])?.length ?? 0;
  if (stream && isStream && (client !== 'openai-chat' || !isError) && ends !== 1) wrong.push(`${ends} ends: ${excerpt}`);
  return wrong;
} // prettier-ignore

export function readsHello(text: string): boolean {
  const pieces = [...text.matchAll(/"(?:content|text|delta)":"([^"]*)"/g)].map(([, piece]) => piece);
  return pieces.join('').includes('Hello');
}
