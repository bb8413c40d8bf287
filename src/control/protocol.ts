import { createHmac } from 'node:crypto';
import type { ProviderConfig } from '../config/schema.ts';
import type { RoutePosition, ScopeChoice } from '../routing/route.ts';

/** Rises when a window must not steer an older gateway any more. */
export const controlProtocol = 1;

/** `~/.claude-code-router/run/<port>.json`, readable by its owner alone. */
export type RunFile = { pid: number; port: number; host: string; version: string; protocol: number; token: string };

/** The answer to `GET /ccr/hello?nonce=`: `proof` shows knowledge of the run file's token without sending it. */
export type Hello = { name: 'ccr'; pid: number; version: string; protocol: number; proof: string };

export function helloProof(token: string, nonce: string): string {
  return createHmac('sha256', token).update(nonce).digest('hex');
}

/** A problem of the config as a person sees it: sentence and place, never a secret. */
export type ProblemView = {
  severity: 'error' | 'warning';
  message: string;
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
  status: 'healthy' | 'degraded';
  reasons: string[];
  problems: ProblemView[];
  configFile: string;
  source: 'file' | 'demo';
  /** The newest reading of the config can't be used, and an earlier one is in force. */
  stale: boolean;
  tokenRequired: boolean;
  providers: { name: string; enabled: boolean; reason?: string; remedy?: string; needsKey?: boolean }[];
  routes: { name: string; target: string }[];
  presets: { name: string; route: string }[];
  scopes: Record<string, ScopeChoice>;
  active: { requests: number; streams: number };
};

/** One request, as `GET /ccr/events` tells of it when it is over. Times in ms. */
export type RequestView = {
  id: string;
  startedAt: number;
  durationMs: number;
  firstContentMs?: number | undefined;
  client: string;
  dialect: string;
  scope?: string | undefined;
  model?: string | undefined;
  reason?: string | undefined;
  /** How the targets were ordered; absent when routing failed. */
  route?: RouteView | undefined;
  target?: string | undefined;
  /** `key` is the place of the key that was sent, from 1, where a provider has several. */
  attempts: { target: string; key?: number | undefined; durationMs: number; error?: string | undefined }[];
  warnings: string[];
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  /** Absent when a price is unknown. */
  costUsd?: number | undefined;
  error?: string | undefined;
};

/** The body of `POST /ccr/check`. */
export type CheckRequest = {
  /** By its name in the config, or as it would stand there. */
  provider: string | ProviderConfig;
  /** In place of its own keys. */
  key?: string | undefined;
  /** Of its first model alone. */
  once?: boolean | undefined;
};

/** The body of `POST /ccr/models`: a provider as it would stand in the config. */
export type ModelsRequest = { provider: ProviderConfig };

/** The answer to `POST /ccr/catalog/refresh`. `failed`: what was known before stays in force. */
export type CatalogRefresh = {
  outcome: 'updated' | 'unchanged' | 'failed';
  /** For people: what was learnt, or why nothing was. */
  message: string;
  /** How many models are known from there now. */
  models: number;
  providers: number;
  /** The day of the newest figure, as `2026-12-31`. */
  newest?: string | undefined;
};

/** `reason` in RequestView is the rule that named `matched`. */
export type RouteView = {
  matched: string;
  /** Why another target than `matched` answered. */
  detour?: string | undefined;
  /** In the order in which they are tried; see routing/route.ts for the positions. Unix time and ms. */
  candidates: {
    target: string;
    position: RoutePosition;
    cooldownUntilMs?: number | undefined;
    latencyMs?: number | undefined;
  }[];
};

export type ControlEvent =
  | { type: 'state'; state: GatewayState }
  | { type: 'request'; request: RequestView }
  /** Somebody stopped the gateway for good: windows stay without one. A stream that ends without it asks for a successor. */
  | { type: 'stopped' };
