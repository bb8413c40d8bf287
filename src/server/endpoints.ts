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
    description: 'A stored response. Only the latest ones are kept, in memory.',
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
    description: 'An estimate of the input tokens; no provider is asked.',
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
