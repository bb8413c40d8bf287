import { GatewayError } from '../canonical/errors.ts';
import type { Reply } from '../canonical/events.ts';
import type { ChatRequest } from '../canonical/request.ts';
import { replaceUnreadable } from '../canonical/replaceUnreadable.ts';
import { describeOff, type ProviderStatus } from '../config/providers.ts';
import type { Config, ProviderConfig } from '../config/schema.ts';
import { secretsOf } from '../config/secrets.ts';
import { demoUrl } from '../config/demo.ts';
import { dialectById } from '../dialects/registry.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Prices } from '../providers/prices.ts';
import { effortOf } from '../reasoning/effort.ts';
import { lineagesOf } from '../reasoning/lineage.ts';
import { isOpening } from '../reasoning/conversation.ts';
import type { ReasoningMemory } from '../reasoning/history.ts';
import { createProofOrigins, dropProofs, proofsIn, type ProofMaker } from '../reasoning/proofOrigins.ts';
import type { Sealer } from '../reasoning/sealer.ts';
import type { Health } from '../routing/health.ts';
import { route, type RouteDecision, type ScopeChoice, type Target } from '../routing/route.ts';
import { attempt, type OpenReply } from './attempt.ts';
import type { Answered, Asking } from './attempts.ts';
import type { Clock } from './clock.ts';
import { openDemo } from './demoReply.ts';
import type { Exchange } from './exchange.ts';
import { accountOf, createKeyPool, poolOf, type PoolKey } from './keyPool.ts';
import { createLastTargets } from './lastTargets.ts';
import type { Observer, RequestRecord } from './record.ts';
import { createScrub } from './scrub.ts';
import {
  choicesOf,
  continued,
  conversationOf,
  dropEffort,
  hasModel,
  makerOf,
  passedHeaders,
  providerOf,
  roleOf,
  withReasoning,
} from './targetRequest.ts';
import type { Upstream } from './upstream.ts';

/** The config as it is now; a reload replaces it whole. */
export type Settings = { config: Config; providers: readonly ProviderStatus[] };

export type GatewayParts = {
  settings(): Settings;
  upstream(): Upstream;
  scope(id: string): ScopeChoice | undefined;
  /** What a target's answers cost, as far as that is known. */
  pricesOf(target: Target): Prices | undefined;
  health: Health;
  memory: ReasoningMemory;
  metrics: Metrics;
  observer: Observer;
  log: Log;
  clock: Clock;
  /** From 0 to 1. */
  random(): number;
  /** A fresh id that starts with `prefix` and an underscore. */
  newId(prefix: string): string;
  sealer: Sealer;
  /** Streams at once; one more is turned away. */
  maxStreams: number;
};

/** One question to one target. */
export type Question = Asking & { request: ChatRequest; exchange: Exchange; record: RequestRecord };

/** A proof is remembered by its hash, so this is some 2 MB, and months of one person's turns. */
const maxProofs = 20_000;

/** Of requests' shortcomings that were said aloud. */
const maxNoted = 1000;

/** What the gateway needs to know of targets, request by request. */
export type Targets = {
  route(exchange: Exchange, request: ChatRequest): RouteDecision;
  /** The keys of a target's provider: none for one that can't be asked. */
  keys(target: Target): PoolKey[];
  chooseKey(
    exchange: Exchange,
    request: ChatRequest,
    target: Target,
    keys: readonly PoolKey[],
    tried: ReadonlySet<string>,
  ): PoolKey | undefined;
  ask(question: Question): Promise<OpenReply>;
  remember(answered: Answered, exchange: Exchange, request: ChatRequest, decision: RouteDecision, reply: Reply): void;
  warn(record: RequestRecord, message: string): void;
  /** What is true of many requests is said aloud once: Codex declares its web search, and echoes its items, on each turn. */
  note(record: RequestRecord, message: string): void;
};

export function createTargets(parts: GatewayParts): Targets {
  const last = createLastTargets();
  const origins = createProofOrigins({ maxProofs });
  /** Targets and efforts that they refused: no more than the config has models, times the efforts. */
  const refusedEfforts = new Set<string>();
  const pool = createKeyPool(parts);

  function providerConfig(name: string): ProviderConfig {
    const { config, providers } = parts.settings();
    const status = providers.find((provider) => provider.name === name);
    if (status && !status.enabled)
      throw new GatewayError('auth', `The provider ${name} is off: ${describeOff(status)}`);
    const found = config.Providers.find((provider) => provider.name === name);
    if (!found)
      throw new GatewayError('not-found', `The route names the provider "${name}", which the config does not have.`);
    return found;
  }

  function warn(record: RequestRecord, message: string): void {
    record.warnings.push(message);
    parts.log.warn(`${record.id}: ${message}`);
  }

  /** Without the proofs that this target did not make, as far as that is known, or did not recognise. */
  function verifiable(request: ChatRequest, maker: ProofMaker, withoutProofs: boolean): ChatRequest {
    if (withoutProofs) origins.refuse(maker, proofsIn(request));
    // What a provider condensed is encrypted in the same way.
    const readable = withoutProofs ? replaceUnreadable(request, () => false) : request;
    return dropProofs(readable, (proof) => origins.isForeign(maker, proof));
  }

  const noted = new Set<string>();
  function note(record: RequestRecord, message: string): void {
    if (!record.warnings.includes(message)) record.warnings.push(message);
    parts.log[noted.has(message) ? 'debug' : 'warn'](`${record.id}: ${message}`);
    noted.delete(message);
    noted.add(message);
    const [oldest] = noted;
    if (noted.size > maxNoted && oldest !== undefined) noted.delete(oldest);
  }

  return {
    warn,
    note,
    route(exchange, request) {
      const { config, providers } = parts.settings();
      const scope = exchange.scope === undefined ? undefined : parts.scope(exchange.scope);
      const frontend = exchange.client === 'claude-code' ? 'claudeCode' : 'codex';
      const isEnabled = (name: string): boolean =>
        providers.find((provider) => provider.name === name)?.enabled ?? false;
      const facts = { health: parts.health, nowMs: parts.clock.now(), isEnabled };
      const decision = route(config, { model: request.model, preset: exchange.preset, scope, frontend }, facts);
      if (roleOf(exchange, request) !== 'compaction') return decision;
      const isUsable = (target: Target): boolean =>
        hasModel(config, target) && isEnabled(target.provider) && !parts.health.isCooling(target, facts.nowMs);
      return last.stay(conversationOf(exchange, request), decision, isUsable);
    },

    keys({ provider }) {
      const { config, providers } = parts.settings();
      const isEnabled = providers.find(({ name }) => name === provider)?.enabled ?? true;
      const found = config.Providers.find(({ name }) => name === provider);
      return found && isEnabled ? poolOf(found) : [];
    },

    chooseKey(exchange, request, target, keys, tried) {
      const conversation = conversationOf(exchange, request);
      return pool.choose({ target, keys, conversation, isOpening: isOpening(conversation, request), tried });
    },

    async ask({ target, retries, key, request: asked, exchange, record, withoutProofs, withoutEffort }) {
      const name = `${target.provider},${target.model}`;
      const effort = `${name} ${asked.reasoning ? effortOf(asked.reasoning) : undefined}`;
      if (withoutEffort) refusedEfforts.add(effort);
      const request = refusedEfforts.has(effort) ? dropEffort(asked) : asked;
      const config = providerConfig(target.provider);
      if (config.api_base_url === demoUrl)
        return openDemo(request, `${name} (reason: ${record.reason ?? 'default'})`, exchange.signal, parts.clock);
      const provider = providerOf(config, target.model, request);
      const dialect = dialectById(provider.protocol);
      const settings = parts.settings().config;
      const { API_TIMEOUT_MS: totalMs, Router } = settings;
      const stream = request.stream && config.allow_streaming && !Router.forceNonStreaming;
      return attempt(
        {
          request: verifiable(
            withReasoning(continued(request, accountOf(target, key)), exchange, provider, parts.memory),
            makerOf(config, target, key),
            withoutProofs,
          ),
          stream,
          choices: choicesOf(request),
          target: name,
          model: target.model,
          config,
          key: key?.text,
          provider,
          dialect,
          limits: {
            totalMs,
            // A whole reply begins when it is complete: only the attempt's own limit is meant for it.
            firstEventMs: stream ? retries.stream_first_event_timeout_ms : totalMs,
            idleMs: retries.stream_idle_timeout_ms,
          },
          passedHeaders: passedHeaders(exchange),
          passedQuery: exchange.query,
          signal: exchange.signal,
          scrub: (text) => createScrub(secretsOf(settings))(text),
          note: (message) => note(record, message),
          applied: (names) => parts.observer.applied(names),
        },
        { upstream: parts.upstream(), clock: parts.clock },
      );
    },

    remember({ target, key }, exchange, request, decision, reply) {
      const conversation = conversationOf(exchange, request);
      if (roleOf(exchange, request) === 'turn') last.note(conversation, target, decision.parameters);
      const config = parts.settings().config.Providers.find(({ name }) => name === target.provider);
      if (!config || config.api_base_url === demoUrl) return;
      const proofs = reply.blocks.flatMap(({ proof }) => proof ?? []);
      origins.note(makerOf(config, target, key), proofs);
      // Also for a provider that wants none back: the next turn may be another one's.
      parts.memory.remember(conversation, reply.blocks, lineagesOf(request.messages)(request.messages.length));
    },
  };
}
