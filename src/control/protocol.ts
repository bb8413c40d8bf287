import { createHmac } from 'node:crypto';
import type { DialectId, Effort } from '../canonical/request.ts';
import type { Wording } from '../canonical/wording.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { LiveCheck } from '../gateway/liveCheck.ts';
import type { Intent } from '../routing/intent.ts';
import type { ScopeChoice } from '../routing/route.ts';
import type { TokenEstimate } from '../routing/tokens.ts';
import type { RouteView } from './routeView.ts';
import type { WindowModels } from './windowModels.ts';

/** Increased when a window can no longer steer an older gateway. */
export const controlProtocol = 1;

/** `~/.claude-code-router/run/<port>.json`, readable by its owner only. */
export type RunFile = { pid: number; port: number; host: string; version: string; protocol: number; token: string };

/** The answer to `GET /ccr/hello?nonce=`: `proof` shows that the gateway knows the run file's token, without sending it. */
export type Hello = { name: 'ccr'; pid: number; version: string; protocol: number; proof: string };

export function helloProof(token: string, nonce: string): string {
  return createHmac('sha256', token).update(nonce).digest('hex');
}

/** A problem in the config, for display: sentence and place, never a secret. */
export type ProblemView = {
  severity: 'error' | 'warning';
  /** Absent from older gateways. */
  code?: string;
  /** In English. */
  message: string;
  /** The sentences of the message, for a window's own language. Absent from older gateways. */
  wording?: readonly Wording[];
  file?: string;
  line?: number;
  column?: number;
};

/** `GET /ccr/state`, and the `state` event: everything that a window shows of a gateway. */
export type GatewayState = {
  pid: number;
  port: number;
  host: string;
  url: string;
  version: string;
  protocol: number;
  /** Unix time in ms. */
  startedAt: number;
  /** `degraded`: another target answers for one that fails, or the config has an error. `down`: no target can answer. */
  status: 'healthy' | 'degraded' | 'down';
  reasons: string[];
  /** The sentences of each reason, for a window's own language. Absent from older gateways. */
  reasonWording?: readonly (readonly Wording[])[];
  problems: ProblemView[];
  configFile: string;
  source: 'file' | 'demo';
  /** The current config file is invalid, so the last valid one is in use. */
  stale: boolean;
  tokenRequired: boolean;
  providers: ProviderView[];
  /** Every target of a route, a tier, a preset or a window's choice. */
  targets: TargetView[];
  routes: { name: string; target: string }[];
  presets: { name: string; route: string }[];
  scopes: Record<string, ScopeChoice>;
  /** Those of conversations are left out. `share`: 1 is the whole budget. `resetsAt`: Unix time in ms. */
  budgets: {
    name: string;
    preset?: string | undefined;
    share: number;
    resetsAt?: number | undefined;
    isUsedUp: boolean;
  }[];
  active: { requests: number; streams: number };
};

/** How a target is. Unix time in ms. */
export type TargetView = {
  /** `provider,model`. */
  target: string;
  tier: string;
  /**
   * `unknown`: no attempt yet; `ok`: its last attempt was answered; `failing`: its last attempt failed; `cooldown`: it said to
   * wait, or its key is refused; `open`: it failed several times in a row; `off`: its provider is disabled or has no key.
   */
  state: 'unknown' | 'ok' | 'failing' | 'cooldown' | 'open' | 'off';
  /**
   * The provider's message, without quotations of the prompt. `key`: the place of the key that was sent, from 1, if there are
   * several.
   */
  lastFailure?: { at: number; kind: string; message: string; key?: number | undefined } | undefined;
  lastSuccessAt?: number | undefined;
  /** Until then, other targets are tried first. */
  retryAt?: number | undefined;
  /** Moving average of the time to the first content. Milliseconds. */
  firstContentMs?: number | undefined;
  /** The provider's keys that are on cooldown for this target, by their places, from 1. */
  keys?: { key: number; retryAt: number; isLimit: boolean }[] | undefined;
};

/** Stands for the id of a request that is only routed. */
export const previewId = 'preview';

/** One finished request, as in `GET /ccr/events`. Times in ms. */
export type RequestView = {
  id: string;
  /** Increases with each request, over restarts too. 0 for a preview. */
  cursor: number;
  startedAt: number;
  durationMs: number;
  firstContentMs?: number | undefined;
  client: string;
  dialect: string;
  scope?: string | undefined;
  model?: string | undefined;
  /** The same for all requests of a conversation. Quotes neither it nor the client's own id. */
  conversation?: string | undefined;
  /** What the request is for, by its client's hints and its content. */
  intent?: Intent | undefined;
  /** The input's estimated tokens, before calibration; each candidate has the calibrated ones. */
  estimate?: TokenEstimate | undefined;
  reason?: string | undefined;
  /** How the targets were ordered; absent when routing failed. */
  route?: RouteView | undefined;
  target?: string | undefined;
  /** The label of `target` in the metrics. */
  tier?: string | undefined;
  /** The preset that the URL, the window or a budget named. */
  preset?: string | undefined;
  /** The budget that chose the preset, and how much of it is used. */
  budget?: string | undefined;
  /** The conversation continues with another target than the one that answered before, and not by the user's choice. */
  fallback?: { from: string; why: string } | undefined;
  /** `key` is the number of the key that was used, from 1, if the provider has several. */
  attempts: {
    target: string;
    key?: number | undefined;
    startedAt: number;
    durationMs: number;
    error?: string | undefined;
    /** Such as `timeout` or `rate-limited`; see `ErrorKind`. */
    errorKind?: string | undefined;
  }[];
  /** Targets that another request was testing, so that this one tried others first. */
  passedOver?: string[] | undefined;
  warnings: string[];
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  /** Of the input. */
  cacheReadTokens?: number | undefined;
  /** The provider did not report the usage. */
  isUsageEstimated?: boolean | undefined;
  finish?: string | undefined;
  /** Absent if a price is unknown. */
  costUsd?: number | undefined;
  /** The usage or a price in the cost is estimated. */
  isCostEstimated?: boolean | undefined;
  error?: string | undefined;
  errorKind?: string | undefined;
};

/** The body of `POST /ccr/check`. */
export type CheckRequest = {
  /** Its name in the config, or a provider as the config would hold it. */
  provider: string | ProviderConfig;
  /** Replaces the provider's keys. */
  key?: string | undefined;
  /** Test this model instead of the provider's own list. */
  model?: string | undefined;
  /** Test only the first model. */
  once?: boolean | undefined;
};

/** One model of a configured provider, as in `GET /ccr/models`. */
export type ModelView = {
  /** `provider,model`. */
  target: string;
  /** Tokens; absent if unknown. */
  contextWindow?: number | undefined;
  /** Of one answer. Tokens; absent if unknown. */
  maxOutputTokens?: number | undefined;
  /** USD per million tokens; absent if unknown. */
  prices?: { input: number; output: number; cacheRead?: number | undefined } | undefined;
  /** Its provider is the maker of the Messages API, so it takes all of it, betas included. */
  isMessagesMaker?: true;
  /** Absent if unknown. */
  readsImages?: boolean | undefined;
  /** The efforts that have an effect. Empty: the effort can't be set. Absent if unknown. */
  efforts?: readonly Effort[] | undefined;
};

/** `asksWindows`: it has the models of VS Code, so an open window has to offer them. */
type ProviderView = { name: string; enabled: boolean; asksWindows?: true } & ProviderReason;
/** `wording`: of reason and remedy. */
type ProviderReason = { reason?: string; remedy?: string; wording?: readonly Wording[]; needsKey?: boolean };

/** The body of `POST /ccr/models`: a provider as the config would hold it. */
export type ModelsRequest = { provider: ProviderConfig };

/** The answer to `POST /ccr/catalog/refresh`. `failed`: the previous catalog stays in use. */
export type CatalogRefresh = {
  outcome: 'updated' | 'unchanged' | 'failed';
  /** For users: what the catalog holds now, or why it was not refreshed. In English. */
  message: string;
  /** For a window's own language. Absent from older gateways. */
  wording?: readonly Wording[];
  /** Models in the catalog. */
  models: number;
  providers: number;
  /** Date of the newest entry, such as `2026-12-31`. */
  newest?: string | undefined;
};

/** The query of `GET /ccr/requests`. */
export type RequestsQuery = {
  /** Only requests with a greater cursor. */
  after?: number | undefined;
  /** At most this many: the oldest of them. */
  limit?: number | undefined;
};

/** The body of `POST /ccr/route`: a client's request, to find out what would happen to it. */
export type RoutePreview = {
  dialect: DialectId;
  body: unknown;
  headers?: Record<string, string> | undefined;
  preset?: string | undefined;
  scope?: string | undefined;
};

/** A line of the gateway's log; it quotes neither prompts nor keys. */
export type LogLine = {
  level: 'error' | 'warn' | 'info';
  message: string;
  /** Unix time in ms. Absent from older gateways. */
  at?: number | undefined;
  /** Increases with each line, over restarts too. Absent from older gateways. */
  cursor?: number | undefined;
};

export type ControlEvent =
  | { type: 'state'; state: GatewayState }
  | { type: 'request'; request: RequestView }
  /** A line of the gateway's log, from level info on: the latest at once, then each new one. For windows that do not run it. */
  | ({ type: 'log' } & LogLine)
  /** The gateway was stopped: windows do not start another. If a stream ends without this event, one of them does. */
  | { type: 'stopped' };

/** What the control API may do to a running gateway. */
export type Steering = {
  state(): GatewayState;
  /** The latest requests, oldest first. */
  requests(query: RequestsQuery): readonly RequestView[];
  /** What would happen to a request; nothing is sent to a provider. @throws GatewayError as the request would get it. */
  preview(preview: RoutePreview): RequestView;
  /** null restores the config's own routing. @throws GatewayError `not-found` if the config lacks the preset or route. */
  setScope(id: string, choice: ScopeChoice | null): void;
  /** Adds to the secrets in memory, or removes one with null, then reads the config again. */
  putSecrets(secrets: Record<string, string | null>): void;
  offerModels(window: string, offer: WindowModels | null): void;
  reload(): void;
  /**
   * Sends a provider (of the config, or one that may be added to it) a small request with each key and for each model.
   * Stops when the signal aborts.
   * @throws GatewayError `not-found`; `invalid-request` if the provider is off.
   */
  check(check: CheckRequest, signal: AbortSignal): Promise<LiveCheck[]>;
  /** The models that a provider lists, by its own names. @throws GatewayError if it does not list them. */
  models(request: ModelsRequest): Promise<string[]>;
  /** The models of the configured providers. */
  listModels(): ModelView[];
  /** Fetches the model catalog from models.dev. Never rejects. */
  refreshCatalog(): Promise<CatalogRefresh>;
  /** Sets the statistics back to zero, those in files too. */
  clearStats(): void;
  /** The token that clients must send; undefined if none is required. */
  clientToken(): string | undefined;
  /** Starts to shut down and returns at once. Open requests have `timeoutMs` to finish. */
  stop(timeoutMs: number | undefined): void;
  subscribe(listener: (event: ControlEvent) => void): () => void;
  /** The latest lines of the log, oldest first. */
  logLines(): readonly LogLine[];
};
