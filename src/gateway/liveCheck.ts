import { createRequest } from '../canonical/editRequest.ts';
import { toGatewayError, type ErrorKind, type GatewayError } from '../canonical/errors.ts';
import type { ProviderConfig } from '../config/schema.ts';
import { secretsOfProvider } from '../config/secrets.ts';
import { dialectById } from '../dialects/registry.ts';
import { attempt } from './attempt.ts';
import type { Clock } from './clock.ts';
import { poolOf, type PoolKey } from './keyPool.ts';
import { createScrub } from './scrub.ts';
import { providerOf } from './targetRequest.ts';
import type { Upstream } from './upstream.ts';

/** What of a provider did not work: who has to do something about it. */
export type FaultyPart = 'key' | 'quota' | 'model' | 'endpoint' | 'connection' | 'provider';

/** What one cheap question to a provider showed. */
export type LiveCheck = {
  provider: string;
  model: string;
  /** The key's place among the provider's keys, from 1; absent when there are not several. */
  key?: number;
  durationMs: number;
  /** Absent when the model answered. `message` has the provider's own words where it had any; never a key. */
  fault?: { part: FaultyPart; message: string };
};

export type LiveCheckOptions = {
  /** Asked for each question: a reload in the middle of a check closes the one before it. */
  upstream(): Upstream;
  clock: Clock;
  /** Ends the check early. */
  signal: AbortSignal;
  /** Of the first model alone: to learn whether a key is good. */
  once?: boolean | undefined;
};

/** Nobody waits longer for a word. Milliseconds. */
const limitMs = 30_000;

/** Tokens. Fewer are refused by OpenAI's Responses API. */
const maxTokens = 16;

const question = createRequest({
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Say OK.' }] }],
  tools: [],
  toolChoice: { type: 'auto' },
  stream: true,
  sampling: { maxTokens },
});

/**
 * Asks a provider a question of a few tokens: with each of its keys, and of each of its models with the first key that
 * works. It is asked as any request is, so what is found is what would happen. What can't work after an earlier answer is not
 * asked.
 */
export async function checkProvider(config: ProviderConfig, options: LiveCheckOptions): Promise<LiveCheck[]> {
  const [first, ...others] = config.models;
  if (first === undefined) return [];
  const keys = poolOf(config);
  const results: LiveCheck[] = [];
  let working: { key: PoolKey | undefined } | undefined;
  for (const key of keys.length > 0 ? keys : [undefined]) {
    const result = await ask(config, key, first, options);
    results.push(result);
    const part = result.fault?.part;
    if (part !== 'key' && part !== 'quota') working ??= { key };
    if (part === 'endpoint' || part === 'connection') return results;
  }
  if (working && !options.once)
    for (const model of others) results.push(await ask(config, working.key, model, options));
  return results;
}

/** What was found, as a sentence for people. */
export function describeCheck({ provider, model, key, durationMs, fault }: LiveCheck): string {
  const asked = `${provider},${model}${key === undefined ? '' : ` with key ${key}`}`;
  if (!fault) return `${asked} works (${(durationMs / 1000).toFixed(1)} s).`;
  return `${asked} does not work: ${faultTexts[fault.part]} ${fault.message}`;
}

/** What stands before the provider's own words. */
const faultTexts: Record<FaultyPart, string> = {
  key: 'the key, or what it may do, is refused.',
  quota: 'the key has reached a limit.',
  model: 'the model is refused.',
  endpoint: 'the endpoint is not what the config says; check api_base_url and protocol.',
  connection: "it can't be reached.",
  provider: 'the provider fails.',
};

async function ask(
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
  const provider = providerOf(config, model, question);
  try {
    const reply = await attempt(
      {
        request: question,
        stream: config.allow_streaming,
        choices: 1,
        target: `${config.name},${model}`,
        model,
        config,
        key: key?.text,
        provider,
        dialect: dialectById(provider.protocol),
        limits: { totalMs: limitMs, firstEventMs: limitMs, idleMs: limitMs },
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

/** A 404 may mean either; a provider that knows the endpoint names the model. */
function faultyPart({ kind, message, details }: GatewayError, model: string): FaultyPart {
  if (kind !== 'not-found') return partByKind[kind];
  return details.code?.includes('model') || message.includes(model) || /\bmodel\b/i.test(message)
    ? 'model'
    : 'endpoint';
}

const partByKind: Record<Exclude<ErrorKind, 'not-found'>, FaultyPart> = {
  auth: 'key',
  permission: 'key',
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
  cancelled: 'provider',
  internal: 'provider',
};
