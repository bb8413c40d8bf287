import type { GatewayError } from '../canonical/errors.ts';
import type { Remedy } from '../canonical/remedies.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { Config, TierRetries } from '../config/schema.ts';
import type { ReasoningMemory } from '../reasoning/history.ts';
import type { Target } from '../routing/route.ts';
import type { Exchange } from './exchange.ts';
import type { RequestRecord } from './record.ts';
import type { Upstream } from './upstream.ts';

/** What an attempt is made with: as much as is needed to make it again. */
export type AttemptFacts = {
  target: Target;
  config: Config;
  /** Undefined for a provider that needs no key. */
  key: string | undefined;
  retries: TierRetries;
  /** Whether the provider is to stream. */
  stream: boolean;
  withoutProofs: boolean;
  withoutEffort: boolean;
  remedies: readonly Remedy[];
};

/** Copies one attempt on its way, unchanged and without waiting. */
export type AttemptCapture = {
  /** The same connections. */
  upstream(of: Upstream): Upstream;
  /** The same memory. */
  memory(of: ReasoningMemory): ReasoningMemory;
  failed(error: GatewayError): void;
};

/** Copies one request. None of its functions throws. */
export type RequestCapture = {
  /** The preset's parameters. */
  decided(parameters: JsonObject): void;
  attempt(facts: AttemptFacts): AttemptCapture | undefined;
  /** The answer is complete, or there is none. */
  finished(record: RequestRecord): void;
};

/** The exchange with a capture of it, or the exchange itself if nothing is to be captured. */
export type StartCapture = (exchange: Exchange) => Exchange;
