import type { Endpoint } from '../control/endpoints.ts';

/** The gateway's endpoints besides the control API. createHandlers (httpServer.ts) must have a handler for each. */
export const endpoints = {
  chatCompletions: {
    method: 'POST',
    path: '/v1/chat/completions',
    token: 'client',
    description: "OpenAI's Chat Completions.",
  },
  responses: { method: 'POST', path: '/v1/responses', token: 'client', description: "OpenAI's Responses." },
  compact: {
    method: 'POST',
    path: '/v1/responses/compact',
    token: 'client',
    description: "OpenAI's compaction of a conversation, which Codex uses.",
  },
  readResponse: {
    method: 'GET',
    path: '/v1/responses/{id}',
    token: 'client',
    description: 'A stored response. Only the latest ones are kept (`Persistence`).',
  },
  deleteResponse: {
    method: 'DELETE',
    path: '/v1/responses/{id}',
    token: 'client',
    description: 'Deletes a stored response.',
  },
  messages: { method: 'POST', path: '/v1/messages', token: 'client', description: "Anthropic's Messages." },
  countTokens: {
    method: 'POST',
    path: '/v1/messages/count_tokens',
    token: 'client',
    description: 'An estimate of the input tokens; nothing is sent to a provider.',
  },
  models: {
    method: 'GET',
    path: '/v1/models',
    token: 'client',
    description:
      "Every model name that a client can use, as OpenAI's list. With the header `anthropic-version`: Anthropic's list. With `?client_version=`: the Codex catalog (at most 100 models).",
  },
  presets: {
    method: 'GET',
    path: '/v1/presets',
    token: 'client',
    description: '`[{name, route, max_tokens, temperature}]`.',
  },
  latencies: {
    method: 'GET',
    path: '/v1/latencies',
    token: 'client',
    description: '`[{tier, ewma_seconds, sample_count}]`: moving averages of the time to the first content.',
  },
  usage: {
    method: 'GET',
    path: '/v1/usage',
    token: 'client',
    description:
      '`{total_requests, total_failures, total_input_tokens, total_output_tokens, total_cost_usd, active_streams, active_requests, tiers: [{tier, requests, failures, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, cost_usd, avg_duration_seconds}]}`. `?since=` (`30m`, `24h`, `7d`, a date or a Unix time) counts from then on, to the minute for a day and else to the hour; `?by=` (`tier`, `model`, `class`, `client`, `preset`, `conversation`) adds `groups`. Both add `answers`, `estimated_cost_usd`, `estimated_answers` and `unpriced_answers`.',
  },
  tokenDrift: {
    method: 'GET',
    path: '/v1/token-drift',
    token: 'client',
    description:
      '`[{tier, samples, cumulative_local, cumulative_upstream, cumulative_drift_pct, last_local, last_upstream, last_drift_pct}]`: estimates of input tokens beside the counts of the providers.',
  },
  tokenAudit: {
    method: 'GET',
    path: '/v1/token-audit',
    token: 'client',
    description:
      '`[{timestamp, tier, message_tokens, system_tokens, tool_tokens, total_tokens}]`: the last 1024 estimates, oldest first.',
  },
  throughput: {
    method: 'GET',
    path: '/v1/throughput',
    token: 'client',
    description:
      '`[{tier, samples, avg_ttft_seconds, p50_ttft_seconds, p90_ttft_seconds, p99_ttft_seconds, avg_tokens_per_second, p50_tokens_per_second, recent: [{ttft_seconds, tokens_per_second, output_tokens, generation_seconds, timestamp}]}]`, of the last 256 answers of each tier.',
  },
  frontendMetrics: {
    method: 'GET',
    path: '/v1/frontend-metrics',
    token: 'client',
    description: '`[{frontend, requests, avg_latency_ms}]`, where `frontend` is `codex`, `claude_code` or `other`.',
  },
  health: {
    method: 'GET',
    path: '/health',
    token: 'none',
    description:
      '`{status, version}`, where `status` is `healthy`, or with `reasons`: `degraded` if a fallback answers, `down` if no target can. `targets` has those that have failed, with the time, the words and the next attempt; if a token is required, only for those who send it.',
  },
  metrics: { method: 'GET', path: '/metrics', token: 'client', description: '[Metrics](metrics.md) for Prometheus.' },
  hello: { method: 'GET', path: '/', token: 'client', description: '`{"name": "ccr"}`.' },
  claudeHello: {
    method: 'GET',
    path: '/api/hello',
    token: 'client',
    description: 'The same: Claude Code checks with it whether the server is up.',
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;

/** Prefixes of the path, before `/v1`. */
export const urlPrefixes = {
  '/preset/{name}': 'Requests are routed by this preset. The request may omit `model`.',
  '/w/{scope}': 'Requests are routed by what the window of VS Code with this scope chose.',
};
