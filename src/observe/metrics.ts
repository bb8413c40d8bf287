import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorKind } from '../canonical/errors.ts';
import type { Usage } from '../canonical/events.ts';

/** Seconds: from a cached first token to the longest agent turn. */
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** An entry of docs/reference/metrics.md. */
export type MetricDescription = {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  help: string;
};

/** The metrics in contract.md, "Metrics". Dashboards rely on names and labels: they don't change. */
export type Metrics = {
  requestStarted(frontend: string, stream: boolean): void;
  requestFinished(frontend: string, stream: boolean, durationMs: number): void;
  answered(tier: string, durationMs: number, firstContentMs: number, usage: Usage | undefined): void;
  /** USD of one answer whose prices are known. */
  cost(tier: string, usd: number): void;
  /** One attempt at a tier. */
  attempted(tier: string, failure: ErrorKind | undefined): void;
  rejectedStream(): void;
  backpressure(): void;
  transformerApplied(name: string): void;
  active(): { requests: number; streams: number };
  /** Prometheus text. */
  text(): Promise<string>;
  contentType: string;
  descriptions: readonly MetricDescription[];
};

/** Calls `latencies` whenever the metrics are read. */
export function createMetrics(latencies: () => readonly { tier: string; ewma_seconds: number }[]): Metrics {
  const registry = new Registry();
  const descriptions: MetricDescription[] = [];
  const instruments = createInstruments(registry, descriptions);
  const ewma = {
    name: 'ccr_tier_ewma_latency_seconds',
    help: 'Moving average of the time to the first content.',
    labels: ['tier'],
  };
  descriptions.push({ ...ewma, type: 'gauge' });
  // oxlint-disable-next-line no-new -- the registry holds and reads it
  new Gauge({
    name: ewma.name,
    help: ewma.help,
    labelNames: ewma.labels,
    registers: [registry],
    collect() {
      for (const { tier, ewma_seconds: seconds } of latencies()) this.set({ tier }, seconds);
    },
  });

  const now = { requests: 0, streams: 0, peak: 0 };
  function track(stream: boolean, change: 1 | -1): void {
    now.requests += change;
    if (stream) now.streams += change;
    now.peak = Math.max(now.peak, now.streams);
    instruments.activeRequests.set(now.requests);
    instruments.activeStreams.set(now.streams);
    instruments.peakStreams.set(now.peak);
  }

  return {
    requestStarted(frontend, stream) {
      track(stream, 1);
      instruments.frontends.inc({ frontend });
    },
    requestFinished(frontend, stream, durationMs) {
      track(stream, -1);
      instruments.frontendDuration.observe({ frontend }, durationMs / 1000);
    },
    answered(tier, durationMs, firstContentMs, usage) {
      instruments.duration.observe({ tier }, durationMs / 1000);
      instruments.firstContent.observe({ tier }, firstContentMs / 1000);
      if (!usage) return;
      instruments.input.inc({ tier }, usage.inputTokens);
      instruments.output.inc({ tier }, usage.outputTokens);
      instruments.cacheRead.inc({ tier }, usage.cacheReadTokens ?? 0);
      instruments.cacheCreation.inc({ tier }, usage.cacheWriteTokens ?? 0);
    },
    cost: (tier, usd) => instruments.cost.inc({ tier }, usd),
    attempted(tier, failure) {
      instruments.requests.inc({ tier });
      if (failure) instruments.failures.inc({ tier, reason: failure });
      if (failure === 'rate-limited') instruments.rateLimits.inc({ tier });
    },
    rejectedStream: () => instruments.rejected.inc(),
    backpressure: () => instruments.waits.inc(),
    transformerApplied: (transformer) => instruments.transformers.inc({ transformer }),
    active: () => ({ requests: now.requests, streams: now.streams }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    descriptions,
  };
}

/** Registers all counters, gauges and histograms, and adds their descriptions. */
function createInstruments(registry: Registry, descriptions: MetricDescription[]) {
  const registers = [registry];
  const counter = (name: string, help: string, labels: string[] = []): Counter => {
    descriptions.push({ name, type: 'counter', labels, help });
    return new Counter({ name, help, labelNames: labels, registers });
  };
  const gauge = (name: string, help: string): Gauge => {
    descriptions.push({ name, type: 'gauge', labels: [], help });
    return new Gauge({ name, help, registers });
  };
  const histogram = (name: string, help: string, label: string): Histogram => {
    descriptions.push({ name, type: 'histogram', labels: [label], help });
    return new Histogram({ name, help, labelNames: [label], buckets: durationBuckets, registers });
  };

  return {
    requests: counter('ccr_requests_total', 'Requests sent to a tier, retries included.', ['tier']),
    failures: counter('ccr_failures_total', 'Requests to a tier that failed, by kind of error.', ['tier', 'reason']),
    rateLimits: counter('ccr_rate_limit_hits_total', 'Rate limits that a tier answered with.', ['tier']),
    duration: histogram(
      'ccr_request_duration_seconds',
      'From the request to the end of the answer, by the tier that answered.',
      'tier',
    ),
    firstContent: histogram('ccr_ttft_seconds', 'From the request to the first content.', 'tier'),
    frontends: counter('ccr_frontend_requests_total', 'Requests by client.', ['frontend']),
    frontendDuration: histogram(
      'ccr_frontend_request_duration_seconds',
      'From the request to the end of the answer, by client.',
      'frontend',
    ),
    activeRequests: gauge('ccr_active_requests', 'Requests being answered now.'),
    activeStreams: gauge('ccr_active_streams', 'Streams being written now.'),
    peakStreams: gauge('ccr_peak_active_streams', 'The most streams at once since the start.'),
    rejected: counter('ccr_rejected_streams_total', 'Requests rejected because of --max-streams.'),
    waits: counter('ccr_stream_backpressure_total', 'Times that reading from a provider was paused for a slow client.'),
    input: counter('ccr_input_tokens_total', 'Input tokens, the cached ones included.', ['tier']),
    output: counter('ccr_output_tokens_total', 'Output tokens, reasoning included.', ['tier']),
    cacheRead: counter('ccr_cache_read_tokens_total', 'Input tokens read from a prompt cache.', ['tier']),
    cacheCreation: counter('ccr_cache_creation_tokens_total', 'Input tokens written to a prompt cache.', ['tier']),
    cost: counter('ccr_cost_usd_total', 'USD, of answers whose prices are known.', ['tier']),
    transformers: counter('ccr_transformer_applied_total', "Requests that a provider's quirk was applied to.", [
      'transformer',
    ]),
  };
}
