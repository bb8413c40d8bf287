import * as z from 'zod';

export const persistenceSchema = z
  .looseObject({
    mode: z.enum(['none', 'file', 'redis']).default('file'),
    redis_url: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The Redis or Valkey server, `redis://` or `rediss://`; by default `CCR_REDIS_URL`. Not read from .env files.',
      ),
    redis_prefix: z
      .string()
      .min(1)
      .default('ccr-rust:persistence:v1')
      .describe('What the names of all keys start with: gateways with the same one share their state.'),
    redis_wait_ms: z
      .int()
      .min(1)
      .default(5)
      .describe(
        'Milliseconds that a request may wait for Redis, where it must know what other gateways do. Then it continues without.',
      ),
    keep_responses: z
      .boolean()
      .default(true)
      .describe(
        'Whether stored responses (`store` of the Responses API), which hold conversations, are kept, too: sealed, for 48 hours. false: in memory alone.',
      ),
  })
  .prefault({})
  .describe(
    'Whether usage statistics, records of requests, stored responses, latencies, cooldowns, circuits, quotas, affinity and what was spent survive a restart: `file` keeps them in `~/.claude-code-router/state`, `redis` on a server, by which several gateways share their state, `none` in memory alone. Changes need a restart.',
  );
