import * as z from 'zod';
import { wording } from '../canonical/wording.ts';
import { budgetSchema } from './budgetSchema.ts';
import { ladder } from '../reasoning/effort.ts';
import { persistenceSchema } from './persistenceSchema.ts';
import { ruleSchema } from './ruleSchema.ts';

/**
 * The schema of `~/.claude-code-router/config.json`: keys, defaults and units. The types, the JSON schema for VS Code
 * (media/config.schema.json) and docs/configuration.md are generated from it. Objects are loose: unknown keys are kept, and
 * unknownKeys.ts warns about them.
 */

/** Node fires a timer with a longer delay at once. */
const longestTimerMs = 2_147_483_647;
const mebibyte = 1_048_576;

const milliseconds = z.int().min(0).max(longestTimerMs);
const timeout = z.int().min(1).max(longestTimerMs);
const target = z.string().min(1);

const transformerUse = z.union([z.string(), z.tuple([z.string()], z.looseObject({}))], {
  error: wording('expected a name or [name, options]').text,
});
const transformerUses = z.array(transformerUse);

const transformerSchema = z
  .object({ use: transformerUses.optional().describe('For all models of this provider.') })
  .catchall(z.looseObject({ use: transformerUses.optional() }));

const price = z.number().min(0);

export const pricingSchema = z.looseObject({
  input_per_million_tokens: price.optional().describe('USD per million input tokens.'),
  output_per_million_tokens: price.optional().describe('USD per million output tokens.'),
  cache_read_per_million_tokens: price
    .optional()
    .describe('USD per million input tokens read from the prompt cache; by default the input price.'),
  cache_write_per_million_tokens: price
    .optional()
    .describe('USD per million input tokens written to the prompt cache; by default the input price.'),
});

export const modelInfoSchema = z.looseObject({
  context_window: z.int().min(1).optional().describe('Context window in tokens: prompt and answer together.'),
  max_output_tokens: z.int().min(1).optional().describe('Most tokens of one answer, including reasoning.'),
  input_modalities: z
    .array(z.enum(['text', 'image']))
    .min(1)
    .optional()
    .describe('The kinds of input that the model accepts.'),
  reasoning_efforts: z
    .array(z.enum(ladder))
    .optional()
    .describe('The reasoning efforts that the model supports; `[]` if none.'),
});

export const providerSchema = z.looseObject({
  name: z
    .string()
    .min(1)
    .regex(/^[^,]*$/, wording('must not contain a comma, which separates provider and model in a route').text)
    .describe('The name of the provider in routes.'),
  api_base_url: z
    .string()
    .min(1)
    .describe('The base URL (https://host/v1) or the full URL of an endpoint. Not read from .env files.'),
  api_key: z
    .string()
    .optional()
    .describe(
      'The API key, usually as "${SOME_VARIABLE}" or "${secret:NAME}". Not needed for a server on this machine.',
    ),
  api_keys: z
    .array(z.string())
    .optional()
    .describe(
      'More API keys, which form a pool with `api_key`. Conversations are distributed over the keys, and a key that fails is put on cooldown.',
    ),
  models: z.array(z.string().min(1)).describe('The models to use, by the names of the provider.'),
  protocol: z
    .enum(['openai', 'anthropic', 'responses'])
    .default('openai')
    .describe(
      "The provider's API: Chat Completions (openai), Messages (anthropic) or Responses (responses). Detected if `api_base_url` is the full URL of an endpoint.",
    ),
  transformer: transformerSchema
    .optional()
    .describe('Transformers to apply by name, instead of those chosen by host, name and model.'),
  pricing: pricingSchema
    .optional()
    .describe('Prices of all models of this provider. They override the prices that CCR and models.dev have.'),
  model_pricing: z.record(z.string(), pricingSchema).optional().describe('Prices by model. They override `pricing`.'),
  model_info: z
    .record(z.string(), modelInfoSchema)
    .optional()
    .describe('Model facts for clients, by model. They override the facts that CCR and models.dev have.'),
  tier_name: z.string().min(1).optional().describe("The `tier` label in metrics; by default the provider's name."),
  extra_headers: z.record(z.string(), z.string()).optional().describe('HTTP headers to send with every request.'),
  anthropic_version: z.string().min(1).optional().describe('The value of the header `anthropic-version`.'),
  auth_header: z.string().min(1).optional().describe('The HTTP header for the key, for example `x-api-key`.'),
  honor_ratelimit_headers: z.boolean().default(true).describe('Wait as long as Retry-After and similar headers say.'),
  allow_streaming: z
    .boolean()
    .optional()
    .describe(
      'false: request complete replies from this provider; clients that stream still get a stream. true: stream in spite of `Router.forceNonStreaming`.',
    ),
});

export const tierRetriesSchema = z.looseObject({
  max_retries: z.int().min(0).max(100).default(3).describe('Retries on the same target.'),
  base_backoff_ms: milliseconds.default(100).describe('Milliseconds before the first retry.'),
  backoff_multiplier: z.number().min(1).max(100).default(2).describe('Factor from each delay to the next.'),
  max_backoff_ms: milliseconds.default(10_000).describe('The longest delay, in milliseconds.'),
  connect_timeout_ms: timeout
    .default(5_000)
    .describe('Milliseconds for a connection to the provider, with its proxy and TLS handshake.'),
  stream_first_event_timeout_ms: timeout
    .default(120_000)
    .describe('Milliseconds to wait for the first event of a stream.'),
  stream_idle_timeout_ms: timeout.default(120_000).describe('Milliseconds to wait for each further event of a stream.'),
  total_timeout_ms: timeout.optional().describe('Milliseconds for one whole attempt; by default `API_TIMEOUT_MS`.'),
});

/** Tokens. Larger requests take the route `longContext`. */
const longContextThreshold = 60_000;

const loopGuardSchema = z.looseObject({
  noteAfter: z.int().min(2).default(5).describe('From this many times in a row, the model is told not to repeat it.'),
  stopAfter: z.int().min(2).default(15).describe('At this many times in a row, the turn ends with an error.'),
});

const routerSchema = z.looseObject({
  default: target.describe('"provider,model" for requests that no other rule matches.'),
  think: target.optional().describe('For requests that ask for reasoning.'),
  longContext: target
    .optional()
    .describe(
      'For requests above `longContextThreshold`, and for those that do not fit the context window of their target.',
    ),
  background: target.optional().describe('For thread titles and other background requests.'),
  webSearch: z
    .union([target, z.looseObject({ enabled: z.boolean().default(true), search_provider: z.string().optional() })], {
      error: wording('expected "provider,model" or { "enabled": ..., "search_provider": ... }').text,
    })
    .optional()
    .describe('For requests that require a web search.'),
  image: target.optional().describe('For requests with an image in the newest turn.'),
  longContextThreshold: z.int().min(1).default(longContextThreshold).describe('Estimated input tokens.'),
  rules: z
    .array(ruleSchema)
    .default([])
    .describe(
      "Rules that come before the client's own choice of a model. The first one whose conditions all hold applies.",
    ),
  tiers: z
    .array(target)
    .optional()
    .describe('The failover order; by default the routes above in that order, without duplicates.'),
  tierRetries: z
    .record(z.string(), tierRetriesSchema)
    .default({})
    .describe("Retries by `tier-N` (N = position in the configured order, from 0) or by the tier's name."),
  ignoreDirect: z.boolean().default(false).describe('Ignore `provider,model` as the model name of a request.'),
  forceNonStreaming: z.boolean().default(false).describe('Request only complete replies from providers.'),
  loopGuard: z
    .union([z.literal(false), loopGuardSchema], {
      error: wording('expected false or { "noteAfter": ..., "stopAfter": ... }').text,
    })
    .default(loopGuardSchema.parse({}))
    .describe('What happens when a model repeats the same tool call with the same result; `false`: nothing.'),
  topK: z.int().min(1).optional().describe('Choose among this many of the best targets.'),
  routingTemperature: z
    .number()
    .min(0)
    .optional()
    .describe('How evenly to choose among them; 0 always takes the best.'),
  gpRouting: z.looseObject({}).optional().describe('Of ccr-rust: CCR orders targets by `strategy`.'),
  strategy: z
    .enum(['latency', 'ordered'])
    .optional()
    .describe('How fallbacks are ordered: by default `latency` if `tiers` is set, otherwise `ordered`.'),
});

/** Any other key is a request parameter, by its name in Chat Completions. */
export const presetSchema = z.looseObject({
  route: target.describe('"provider,model" or the name of a route.'),
  max_tokens: z.int().min(1).optional().describe('Most tokens of an answer. A value in the request takes precedence.'),
  temperature: z.number().min(0).optional().describe('Sampling temperature. A value in the request takes precedence.'),
});

const frontendSchema = z.looseObject({
  modelMappings: z
    .record(z.string(), target)
    .default({})
    .describe(
      'The client\'s model name -> "provider,model", preset or route. The key `default` matches all other names.',
    ),
});

const debugCaptureSchema = z.looseObject({
  enabled: z.boolean().default(false).describe('Write captures. They hold prompts, but no keys.'),
  providers: z.array(z.string()).default([]).describe('Provider names; empty for all.'),
  output_dir: z
    .string()
    .min(1)
    .optional()
    .describe('The folder; by default `~/.ccr-rust/captures`. Not read from .env files.'),
  max_files: z.int().min(0).default(100).describe('The oldest files beyond it are removed. 0: 100. At most 1000.'),
  include_headers: z.boolean().default(false).describe('Also the headers, without keys and cookies.'),
  capture_success: z.boolean().default(false).describe('Not only attempts that failed.'),
  max_body_size: z
    .int()
    .min(0)
    .default(mebibyte)
    .describe('Bytes of a response that are kept. 0: 1 MiB. At most 2 MiB. A whole file has at most 4 MiB.'),
});

export const configSchema = z.looseObject({
  Providers: z.array(providerSchema).default([]).describe('The providers.'),
  Router: routerSchema.describe('Which provider and model answers which requests.'),
  Presets: z
    .record(z.string(), presetSchema)
    .default({})
    .describe('Named routes with parameters: used with the URL /preset/<name>/v1, or chosen in the status bar.'),
  Budgets: z.array(budgetSchema).default([]).describe('Limits of what is spent: in USD, in tokens, or both.'),
  Frontend: z
    .looseObject({ codex: frontendSchema.prefault({}), claudeCode: frontendSchema.prefault({}) })
    .prefault({})
    .describe('Model names of each client.'),
  PORT: z.int().min(0).max(65_535).default(3456).describe('The port to listen on; 0 picks a free one.'),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('The address to listen on. Anything but loopback requires a token. Not read from .env files.'),
  API_TIMEOUT_MS: timeout.default(600_000).describe('Milliseconds that one attempt may take in total.'),
  PROXY_URL: z
    .string()
    .min(1)
    .optional()
    .describe('The HTTP or SOCKS 5 proxy for requests to providers. Not read from .env files.'),
  POOL_MAX_IDLE_PER_HOST: z.int().min(0).default(64).describe('Idle connections to keep for each provider.'),
  POOL_IDLE_TIMEOUT_MS: timeout.default(90_000).describe('Milliseconds to keep an idle connection.'),
  SSE_BUFFER_SIZE: z
    .int()
    .min(1)
    .default(32)
    .describe('How many frames may wait for a slow client before CCR stops reading from the provider.'),
  CLIENT_WRITE_TIMEOUT_MS: timeout
    .default(120_000)
    .describe('Milliseconds after which a client that takes nothing of its answer is disconnected.'),
  Persistence: persistenceSchema,
  DebugCapture: debugCaptureSchema
    .prefault({})
    .describe('Files with requests and responses, for bug reports. Applies to the next request.'),
  APIKEY: z.string().min(1).optional().describe('The token that clients must send. `CCR_TOKEN` overrides it.'),
  LOG: z.boolean().optional().describe('false: log only warnings and errors.'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
  refuseOtherUsers: z
    .boolean()
    .default(false)
    .describe('Linux only: refuse other users of this machine, unless they must send a token (`CCR_TOKEN`, `APIKEY`).'),
  allowedHosts: z
    .array(z.string().min(1))
    .default([])
    .describe('Host names besides loopback under which clients may reach the gateway.'),
  allowedOrigins: z.array(z.string().min(1)).default([]).describe('Web origins whose pages may use the gateway.'),
});

export type Config = z.output<typeof configSchema>;
export type PricingConfig = z.output<typeof pricingSchema>;
export type ProviderConfig = z.output<typeof providerSchema>;
export type RouterConfig = z.output<typeof routerSchema>;
export type TierRetries = z.output<typeof tierRetriesSchema>;
export type TransformerUse = z.output<typeof transformerUse>;
