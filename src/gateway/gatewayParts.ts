import type { ProviderStatus } from '../config/providers.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Prices } from '../providers/prices.ts';
import type { ReasoningMemory } from '../reasoning/history.ts';
import type { Sealer } from '../reasoning/sealer.ts';
import type { Affinity } from '../routing/affinity.ts';
import type { BudgetLedger } from '../routing/budgets.ts';
import type { Health } from '../routing/health.ts';
import type { ScopeChoice, Target } from '../routing/route.ts';
import type { TestVerdicts } from '../routing/unfit.ts';
import type { Clock } from './clock.ts';
import type { KeyMemory } from './keyPool.ts';
import type { Observer } from './record.ts';
import type { ResponseShelf } from './storedResponses.ts';
import type { Telemetry } from './telemetry.ts';
import type { StartCapture } from './requestCapture.ts';
import type { Upstream } from './upstream.ts';

/** The config as it is now; a reload replaces it whole. */
export type Settings = { config: Config; providers: readonly ProviderStatus[] };

/** What several gateways may have in common, or one keeps over a restart, besides health, affinity and what was spent. */
export type CommonState = { keyMemory?: KeyMemory; shelf?: ResponseShelf };

/** What a gateway is built from. */
export type GatewayParts = {
  settings(): Settings;
  upstream(): Upstream;
  scope(id: string): ScopeChoice | undefined;
  /** Undefined for a target whose prices are unknown. */
  pricesOf(target: Target): Prices | undefined;
  /** The context window of a target's model, in tokens; undefined if unknown. */
  windowOf(target: Target): number | undefined;
  /** The most that a target's model can write, in tokens; undefined if unknown. */
  outputLimitOf(target: Target): number | undefined;
  /** What was tested of models. Absent: nothing is known. */
  testVerdicts?: TestVerdicts | undefined;
  health: Health;
  affinity: Affinity;
  /** What was spent, for the budgets. */
  spending: BudgetLedger;
  memory: ReasoningMemory;
  metrics: Metrics;
  observer: Observer;
  /** Absent unless the user asked for it. The observer tells it of all but the attempts that begin. */
  telemetry?: Telemetry | undefined;
  /** For `DebugCapture`. */
  startCapture?: StartCapture | undefined;
  log: Log;
  clock: Clock;
  /** From 0 to 1. */
  random(): number;
  /** A fresh id that starts with `prefix` and an underscore. */
  newId(prefix: string): string;
  sealer: Sealer;
  /** By default a gateway has its own, in memory. */
  common?: CommonState | undefined;
  /** Concurrent streams, and concurrent requests for whole answers; more are rejected. */
  maxStreams: number;
};
