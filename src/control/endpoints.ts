/** One endpoint, as the router and docs/reference/endpoints.md read it. */
export type Endpoint = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** May end in one parameter: `/v1/responses/{id}`. */
  path: string;
  /** Regular expression of the parameter; `[\w-]+` by default. */
  parameter?: string;
  /**
   * Which token a caller must send. `client`: the one for clients, if one is required. `control`: the token in the run
   * file.
   */
  token: 'none' | 'client' | 'control';
  /** For the docs: what the caller gets, in Markdown. */
  description: string;
};

/** The control API. createControlApi must have a handler for each. */
export const controlEndpoints = {
  hello: {
    method: 'GET',
    path: '/ccr/hello',
    token: 'none',
    description:
      "With `?nonce=`: `{name, pid, version, protocol, proof}`. `proof` is the HMAC of the nonce under the run file's token, which is thus never sent to another program on the port.",
  },
  state: { method: 'GET', path: '/ccr/state', token: 'control', description: 'Everything that a window shows.' },
  requests: {
    method: 'GET',
    path: '/ccr/requests',
    token: 'control',
    description:
      'The last 1,000 requests, oldest first. `?after=CURSOR` leaves out those up to that `cursor`, `?limit=N` takes the first N of the rest.',
  },
  request: {
    method: 'GET',
    path: '/ccr/requests/{id}',
    parameter: String.raw`[\w-]{1,64}`,
    token: 'control',
    description: 'One of these requests by its id, or the latest one for `last`.',
  },
  route: {
    method: 'POST',
    path: '/ccr/route',
    token: 'control',
    description:
      'What would happen to a request: `{dialect, body, headers?, preset?, scope?}`, where `dialect` is `openai-chat`, `openai-responses` or `anthropic-messages`. Nothing is sent to a provider.',
  },
  clientToken: {
    method: 'GET',
    path: '/ccr/token',
    token: 'control',
    description: '`{token}`: what clients must send, or `null` if they need none.',
  },
  events: {
    method: 'GET',
    path: '/ccr/events',
    token: 'control',
    description:
      'Server-sent events: `state` (at once and after each change), `request` (each request when it ends), `log` (the latest lines, and each new one, from level info on), `stopped` (before a stop, but not before a drain).',
  },
  log: {
    method: 'GET',
    path: '/ccr/log',
    token: 'control',
    description:
      'The last 200 lines of the log, oldest first, from level info on: `[{level, message, at, cursor}]`. `?after=CURSOR` leaves out those up to that `cursor`.',
  },
  setScope: {
    method: 'PUT',
    path: '/ccr/scopes/{id}',
    parameter: String.raw`[\w-]{1,64}`,
    token: 'control',
    description:
      "Sets what a window routes to: `{preset}`, `{route}`, or `null` for the config's own routing. Answers with the state.",
  },
  putSecrets: {
    method: 'PUT',
    path: '/ccr/secrets',
    token: 'control',
    description:
      '`{NAME: secret}` adds to the secrets in memory, `null` removes one; then the config is read again. Answers with the state.',
  },
  offerModels: {
    method: 'PUT',
    path: '/ccr/window-models/{id}',
    parameter: String.raw`[\w-]{1,64}`,
    token: 'control',
    description:
      "Where a window answers requests with VS Code's own models: `{url, key}`, or `null` when it no longer does. Answers with the state.",
  },
  reload: {
    method: 'POST',
    path: '/ccr/reload',
    token: 'control',
    description: 'Reads the config again. Answers with the state.',
  },
  check: {
    method: 'POST',
    path: '/ccr/check',
    token: 'control',
    description:
      'Tests a provider with each key and each model: `{provider, key?, model?, once?}`, where `provider` is a name in the config or a provider as the config would hold it.',
  },
  models: {
    method: 'POST',
    path: '/ccr/models',
    token: 'control',
    description: 'The models that a provider lists: `{provider}`, as the config would hold it.',
  },
  listModels: {
    method: 'GET',
    path: '/ccr/models',
    token: 'control',
    description:
      'The models of the configured providers: `[{target, contextWindow?, maxOutputTokens?, readsImages?, isMessagesMaker?, efforts?, prices?}]`, prices in USD per million tokens.',
  },
  refreshCatalog: {
    method: 'POST',
    path: '/ccr/catalog/refresh',
    token: 'control',
    description: 'Fetches the model catalog from models.dev: `{outcome, message, models, providers, newest}`.',
  },
  clearStats: {
    method: 'POST',
    path: '/ccr/clear-stats',
    token: 'control',
    description:
      'Sets the statistics back to zero, those in files too: `{cleared: true}`. Cooldowns and latencies stay.',
  },
  stop: {
    method: 'POST',
    path: '/ccr/stop',
    token: 'control',
    description:
      'Stops the gateway; open requests have `timeoutMs` to finish (30 s by default). Windows do not start another one.',
  },
  drain: {
    method: 'POST',
    path: '/ccr/drain',
    token: 'control',
    description:
      'Like `stop`, to make room for a successor: a window that follows the gateway attaches to the next one, or starts it.',
  },
} as const satisfies Record<string, Endpoint>;

export type ControlEndpoint = keyof typeof controlEndpoints;

/** `name` is undefined if no endpoint has both the path and the method; `methods` are those that the path takes. */
export type FoundEndpoint<Name> = { name: Name | undefined; parameter: string; methods: Endpoint['method'][] };

/** Finds endpoints by method and by path without `/v1` (see server/address.ts). An exact path wins over a parameter. */
export function createEndpointFinder<Name extends string>(
  table: Readonly<Record<Name, Endpoint>>,
): (method: string, path: string) => FoundEndpoint<Name> {
  const entries = Object.entries<Endpoint>(table).map(([name, { method, path, parameter = String.raw`[\w-]+` }]) => ({
    name: name as Name,
    method,
    path: path.replace(/^\/v1(?=\/)/, ''),
    parameter,
  }));
  const takesParameter = ({ path }: { path: string }): boolean => path.endsWith('}');
  const exact = Map.groupBy(
    entries.filter((entry) => !takesParameter(entry)),
    ({ path }) => path,
  );
  const open = entries
    .filter(takesParameter)
    .map((entry) => ({ ...entry, pattern: new RegExp(`^${entry.path.replace(/\{\w+\}$/, `(${entry.parameter})`)}$`) }));
  return (method, path) => {
    const candidates: { name: Name; method: Endpoint['method']; pattern?: RegExp }[] =
      exact.get(path) ?? open.filter(({ pattern }) => pattern.test(path));
    const found = candidates.find((entry) => entry.method === method);
    return {
      name: found?.name,
      parameter: found?.pattern?.exec(path)?.[1] ?? '',
      methods: candidates.map((entry) => entry.method),
    };
  };
}
