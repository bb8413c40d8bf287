import { createRequest } from '../canonical/editRequest.ts';
import { toGatewayError, type ErrorKind, type GatewayError } from '../canonical/errors.ts';
import type { ProviderConfig } from '../config/schema.ts';
import { secretsOfProvider } from '../config/secrets.ts';
import { dialectById } from '../dialects/registry.ts';
import { createLearntOpeners } from './learntOpeners.ts';
import { runAttempt } from './attempt.ts';
import type { Clock } from './clock.ts';
import { poolOf, type PoolKey } from './keyPool.ts';
import { createScrub } from './scrub.ts';
import { providerOf } from './requestForTarget.ts';
import type { Upstream } from './upstream.ts';

/** The part of a provider's configuration, or of the provider, that is at fault. */
export type FaultyPart = 'key' | 'quota' | 'model' | 'endpoint' | 'connection' | 'provider';

/** The result of one small test request. */
export type LiveCheck = {
  provider: string;
  model: string;
  /** The key's place among the provider's keys, from 1; absent unless there are several. */
  key?: number;
  durationMs: number;
  /** Absent when the model answered. `message` quotes the provider's error, if it sent one; never a key. */
  fault?: { part: FaultyPart; message: string };
};

export type LiveCheckOptions = {
  /** Called for each request: a reload during a check closes the previous upstream. */
  upstream(): Upstream;
  clock: Clock;
  /** Ends the check early. */
  signal: AbortSignal;
  /** Checks the first model only, to learn whether the keys are valid. */
  once?: boolean | undefined;
};

/** Milliseconds. */
const limitMs = 30_000;

/** Tokens. OpenAI's Responses API rejects fewer. */
const maxTokens = 16;

const testRequest = createRequest({
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Say OK.' }] }],
  tools: [],
  toolChoice: { type: 'auto' },
  stream: true,
  sampling: { maxTokens },
});

/**
 * Sends a provider test requests of a few tokens: to its first model with each key, then to the other models with the first
 * key that works. They are sent as real requests are, so they find the same failures. Checks that cannot succeed after an
 * earlier failure are skipped.
 */
export async function checkProvider(config: ProviderConfig, options: LiveCheckOptions): Promise<LiveCheck[]> {
  const [first, ...others] = config.models;
  if (first === undefined) return [];
  const keys = poolOf(config);
  const results: LiveCheck[] = [];
  let working: { key: PoolKey | undefined } | undefined;
  for (const key of keys.length > 0 ? keys : [undefined]) {
    const result = await checkModel(config, key, first, options);
    results.push(result);
    const part = result.fault?.part;
    if (part !== 'key' && part !== 'quota') working ??= { key };
    if (part === 'endpoint' || part === 'connection') return results;
  }
  if (working && !options.once)
    for (const model of others) results.push(await checkModel(config, working.key, model, options));
  return results;
}

async function checkModel(
  config: ProviderConfig,
  key: PoolKey | undefined,
  model: string,
  options: LiveCheckOptions,
): Promise<LiveCheck> {
  const { clock } = options;
  const startedAt = clock.now();
  const fault = await findFault(config, key, model, options);
  return {
    provider: config.name,
    model,
    ...(key && key.of > 1 ? { key: key.place } : {}),
    durationMs: clock.now() - startedAt,
    ...(fault ? { fault } : {}),
  };
}

async function findFault(
  config: ProviderConfig,
  key: PoolKey | undefined,
  model: string,
  { upstream, clock, signal }: LiveCheckOptions,
): Promise<LiveCheck['fault']> {
  const provider = providerOf(config, model, testRequest);
  try {
    const reply = await runAttempt(
      {
        request: testRequest,
        stream: config.allow_streaming ?? true,
        choices: 1,
        target: `${config.name},${model}`,
        model,
        config,
        key: key?.text,
        provider,
        dialect: dialectById(provider.protocol),
        limits: { totalMs: limitMs, firstEventMs: limitMs, idleMs: limitMs },
        remedies: [],
        openers: createLearntOpeners(),
        passedHeaders: {},
        passedQuery: '',
        signal,
        scrub: (text) => createScrub(secretsOfProvider(config))(text),
        note: () => undefined,
        applied: () => undefined,
      },
      { upstream: upstream(), clock },
    );
    reply.close();
    return undefined;
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    const error = toGatewayError(thrown);
    return { part: faultyPart(error, model), message: error.message };
  }
}

/** A 404 may be about the model or the endpoint. If the endpoint exists, the provider's message mentions the model. */
function faultyPart({ kind, message, details }: GatewayError, model: string): FaultyPart {
  if (kind !== 'not-found') return partByKind[kind];
  return details.code?.includes('model') || message.includes(model) || /\bmodel\b/i.test(message)
    ? 'model'
    : 'endpoint';
}

const partByKind: Record<Exclude<ErrorKind, 'not-found'>, FaultyPart> = {
  auth: 'key',
  permission: 'key',
  quota: 'quota',
  'rate-limited': 'quota',
  unsupported: 'model',
  connection: 'connection',
  timeout: 'provider',
  protocol: 'endpoint',
  'invalid-request': 'provider',
  'too-large': 'provider',
  'context-length': 'provider',
  overloaded: 'provider',
  upstream: 'provider',
  empty: 'provider',
  stopped: 'provider',
  cancelled: 'provider',
  internal: 'provider',
};
