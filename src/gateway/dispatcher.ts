import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import type { Remedy } from '../canonical/remedies.ts';
import type { Reply } from '../canonical/events.ts';
import { findNamed } from '../canonical/lists.ts';
import type { ChatRequest, Proof } from '../canonical/request.ts';
import { replaceUnreadable } from '../canonical/replaceUnreadable.ts';
import { rememberByObject } from '../canonical/remember.ts';
import { describeOff } from '../config/providers.ts';
import { formatTarget } from '../config/routes.ts';
import type { Config, ProviderConfig } from '../config/schema.ts';
import { secretsOf } from '../config/secrets.ts';
import { demoUrl } from '../config/demo.ts';
import { dialectById } from '../dialects/registry.ts';
import { effortOf } from '../reasoning/effort.ts';
import type { ReasoningMemory } from '../reasoning/history.ts';
import { lineagesOf } from '../reasoning/lineage.ts';
import { isOpening } from '../reasoning/conversation.ts';
import { createProofOrigins, dropProofs, proofsIn } from '../reasoning/proofOrigins.ts';
import type { Target } from '../routing/route.ts';
import { runAttempt, type AttemptInput, type OpenReply } from './attempt.ts';
import { openDemo } from './demoReply.ts';
import type { Exchange } from './exchange.ts';
import type { Answered, AttemptPlan } from './failover.ts';
import type { GatewayParts, Settings } from './gatewayParts.ts';
import { createLearntOpeners } from './learntOpeners.ts';
import { createLearntRemedies } from './learntRemedies.ts';
import { accountOf, createKeyPool, poolOf, type PoolKey } from './keyPool.ts';
import { isLong, type RequestRecord } from './record.ts';
import type { AttemptCapture } from './requestCapture.ts';
import {
  choicesOf,
  continued,
  dropEffort,
  makerOf,
  passedHeaders,
  providerOf,
  withReasoning,
} from './requestForTarget.ts';
import { createScrub, type Scrub } from './scrub.ts';
import type { TraceHeaders } from './telemetry.ts';
import type { Warnings } from './warnings.ts';

/** Tokens. */
const writtenByAll = 1024;

/** An attempt of one request. */
export type Dispatch = AttemptPlan & {
  request: ChatRequest;
  conversation: string;
  exchange: Exchange;
  record: RequestRecord;
  trace: TraceHeaders;
};

type Conversing = { request: ChatRequest; conversation: string };

/** A proof is remembered by its hash, so this is some 2 MB, and months of one person's turns. */
const maxProofs = 20_000;

/** Sends requests to targets, in the form that each can read, with what earlier answers taught about the target. */
export type Dispatcher = {
  /** The keys of a target's provider: none for one that is disabled. */
  keys(target: Target): readonly PoolKey[];
  /** See KeyPool.choose. */
  chooseKey(
    turn: Conversing,
    target: Target,
    keys: readonly PoolKey[],
    tried: ReadonlySet<string>,
  ): PoolKey | undefined;
  /** @throws GatewayError see runAttempt. */
  send(dispatch: Dispatch): Promise<OpenReply>;
  /** Remembers the reasoning of a reply, and which provider can verify its proofs. `pieces`: the text of the reply. */
  remember(answered: Answered, turn: Conversing, reply: Reply, pieces: readonly string[]): void;
};

export type DispatcherParts = Pick<
  GatewayParts,
  'settings' | 'upstream' | 'outputLimitOf' | 'health' | 'memory' | 'observer' | 'clock' | 'common'
>;

export function createDispatcher(parts: DispatcherParts, warnings: Warnings): Dispatcher {
  const origins = createProofOrigins({ maxProofs });
  const efforts = createRefusedEfforts();
  const learnt = createLearntRemedies();
  const openers = createLearntOpeners();
  const pool = createKeyPool({ ...parts, keyMemory: parts.common?.keyMemory });

  /** Restores dropped reasoning, and leaves out the proofs that this target did not make or has refused before. */
  function readableRequest(
    { target, key, conversation, withoutProofs }: Dispatch,
    request: ChatRequest,
    config: ProviderConfig,
    memory: ReasoningMemory,
  ): ChatRequest {
    const provider = providerOf(config, target.model, request);
    const maker = makerOf(config, target, key);
    const whole = withReasoning(continued(request, accountOf(target, key)), conversation, provider, memory);
    if (withoutProofs) origins.refuse(maker, proofsIn(whole));
    // A provider's own compaction is encrypted in the same way.
    const readable = withoutProofs ? replaceUnreadable(whole, () => false) : whole;
    return dropProofs(readable, (proof) => origins.isForeign(maker, proof));
  }

  return {
    keys({ provider }) {
      const { config, providers } = parts.settings();
      const isEnabled = findNamed(providers, provider)?.enabled ?? true;
      const found = findNamed(config.Providers, provider);
      return found && isEnabled ? poolOf(found) : [];
    },

    chooseKey({ request, conversation }, target, keys, tried) {
      return pool.choose({ target, keys, conversation, isOpening: isOpening(conversation, request), tried });
    },

    async send(dispatch) {
      const { target, exchange, record } = dispatch;
      if (dispatch.withoutEffort) efforts.refuse(target, dispatch.request);
      const request = efforts.isRefused(target, dispatch.request) ? dropEffort(dispatch.request) : dispatch.request;
      const config = enabledProvider(parts.settings(), target.provider);
      if (config.api_base_url === demoUrl) {
        const route = `${formatTarget(target)} (reason: ${record.reason ?? 'default'})`;
        return openDemo(request, route, exchange.signal, parts.clock);
      }
      const input = attemptInput(dispatch, request, config, parts, warnings);
      const name = `${formatTarget(target)} ${input.dialect.id} ${config.api_base_url}`;
      const told = [...learnt.of(name), ...dispatch.remedies];
      const copy = startCopy(dispatch, input, { told, withoutEffort: request !== dispatch.request }, parts);
      const readable = readableRequest(dispatch, request, config, copy?.memory(parts.memory) ?? parts.memory);
      const remedies = [...outputLimit(readable, target, parts), ...told];
      const upstream = copy?.upstream(parts.upstream()) ?? parts.upstream();
      const attempt = runAttempt({ ...input, request: readable, remedies, openers }, { upstream, clock: parts.clock });
      if (copy) attempt.catch((thrown: unknown) => copy.failed(toGatewayError(thrown)));
      const reply = await attempt;
      learnt.keep(name, dispatch.remedies);
      return reply;
    },

    remember({ target, key }, { request, conversation }, reply, pieces) {
      const config = findNamed(parts.settings().config.Providers, target.provider);
      if (!config || config.api_base_url === demoUrl) return;
      const proofs: Proof[] = [];
      for (const { proof } of reply.blocks) if (proof) proofs.push(proof);
      origins.note(makerOf(config, target, key), proofs);
      // Also for a provider that needs no reasoning back: another one may answer the next turn.
      const lineage = lineagesOf(request.messages)(request.messages.length);
      parts.memory.remember(conversation, reply.blocks, lineage, pieces);
    },
  };
}

/** The scrub of a config, which is made when the first text needs it: a key can be written in many ways. */
const scrubOf = rememberByObject((config: Config): Scrub => createScrub(secretsOf(config)));

/** `request` is not adapted to the target yet: that may drop the client's JSON, from which `choices` is read. */
function attemptInput(
  { target, retries, key, exchange, record, trace }: Dispatch,
  request: ChatRequest,
  config: ProviderConfig,
  parts: DispatcherParts,
  warnings: Warnings,
): Omit<AttemptInput, 'request' | 'remedies' | 'openers'> {
  const provider = providerOf(config, target.model, request);
  const settings = parts.settings().config;
  const { API_TIMEOUT_MS, Router } = settings;
  const totalMs = retries.total_timeout_ms ?? API_TIMEOUT_MS;
  const stream = request.stream && (config.allow_streaming ?? !Router.forceNonStreaming);
  return {
    stream,
    isLong: isLong(record),
    choices: choicesOf(request),
    target: formatTarget(target),
    model: target.model,
    config,
    key: key?.text,
    provider,
    dialect: dialectById(provider.protocol),
    limits: {
      totalMs,
      // A non-streamed reply arrives all at once when it is complete, so only the total limit applies.
      firstEventMs: stream ? retries.stream_first_event_timeout_ms : totalMs,
      idleMs: retries.stream_idle_timeout_ms,
      connectMs: retries.connect_timeout_ms,
    },
    passedHeaders: passedHeaders(exchange, trace),
    passedQuery: exchange.query,
    signal: exchange.signal,
    scrub: (text) => scrubOf(settings)(text),
    note: (message) => warnings.warnOnce(record, message),
    applied: (names) => parts.observer.applied(names),
  };
}

/** Begins the capture of an attempt, if its request is captured. */
function startCopy(
  dispatch: Dispatch,
  { key, stream }: Pick<AttemptInput, 'key' | 'stream'>,
  { told, withoutEffort }: { told: readonly Remedy[]; withoutEffort: boolean },
  parts: DispatcherParts,
): AttemptCapture | undefined {
  const { target, retries, withoutProofs, exchange } = dispatch;
  const { config } = parts.settings();
  return exchange.capture?.attempt({
    target,
    config,
    key,
    retries,
    stream,
    withoutProofs,
    withoutEffort,
    remedies: told,
  });
}

/** Some providers refuse a limit above what their model can write, which the user may know. */
function outputLimit({ sampling }: ChatRequest, target: Target, parts: DispatcherParts): Remedy[] {
  // The facts of a model are not looked up for what every model can write.
  if (sampling.maxTokens !== undefined && sampling.maxTokens <= writtenByAll) return [];
  const tokens = parts.outputLimitOf(target);
  return tokens === undefined ? [] : [{ type: 'most-tokens', tokens, lasting: true }];
}

/** @throws GatewayError `auth` for a disabled provider, `not-found` for one that the config does not have. */
function enabledProvider({ config, providers }: Settings, name: string): ProviderConfig {
  const status = findNamed(providers, name);
  if (status && !status.enabled) throw new GatewayError('auth', `The provider ${name} is off: ${describeOff(status)}`);
  const found = findNamed(config.Providers, name);
  if (!found)
    throw new GatewayError('not-found', `The route names the provider "${name}", which is not in the config.`);
  return found;
}

/** The reasoning efforts that targets have refused: at most the config's models times the efforts. */
function createRefusedEfforts(): {
  refuse(target: Target, request: ChatRequest): void;
  isRefused(target: Target, request: ChatRequest): boolean;
} {
  const refused = new Set<string>();
  const nameOf = (target: Target, { reasoning }: ChatRequest): string =>
    `${formatTarget(target)} ${reasoning ? effortOf(reasoning) : undefined}`;
  return {
    refuse: (target, request) => void refused.add(nameOf(target, request)),
    isRefused: (target, request) => refused.has(nameOf(target, request)),
  };
}
