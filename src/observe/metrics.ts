import { Counter, Gauge, Registry, type Metric } from 'prom-client';
import { createFigures, usdOf, type Figures } from './figures.ts';
import { measureLimits, type HistogramSums, type MeasureName } from './measures.ts';
import { percent } from './tokenDrift.ts';

/** An entry of docs/reference/metrics.md. */
export type MetricDescription = {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  help: string;
};

/**
 * The metrics in contract.md, "Metrics". Dashboards rely on names and labels: they don't change. What the figures count too is
 * read from them, so that both always say the same, also after a restart.
 */
export type Metrics = {
  requestStarted(stream: boolean): void;
  requestFinished(stream: boolean): void;
  rejectedStream(): void;
  backpressure(): void;
  transformerApplied(name: string): void;
  active(): { requests: number; streams: number };
  /** Prometheus text. */
  text(): Promise<string>;
  contentType: string;
  descriptions: readonly MetricDescription[];
};

type Read = Pick<Figures, 'groups' | 'failures' | 'alerts' | 'drift' | 'frontends' | 'measures'>;

/** Calls `latencies` whenever the metrics are read. */
export function createMetrics(
  latencies: () => readonly { tier: string; ewma_seconds: number }[],
  figures: Read = createFigures(() => 0),
): Metrics {
  const registry = new Registry();
  const descriptions: MetricDescription[] = [];
  const instruments = createInstruments(registry, descriptions);
  const applied = new Map<string, number>();
  readLater(registry, descriptions, {
    type: 'counter',
    name: 'ccr_transformer_applied_total',
    help: "Requests that a provider's quirk was applied to.",
    labels: ['transformer'],
    read: () => [...applied].map(([transformer, count]) => [{ transformer }, count]),
  });
  readFigures(registry, descriptions, figures);
  readMeasures(registry, descriptions, figures);
  readLater(registry, descriptions, {
    type: 'gauge',
    name: 'ccr_tier_ewma_latency_seconds',
    help: 'Moving average of the time to the first content.',
    labels: ['tier'],
    read: () => latencies().map(({ tier, ewma_seconds }) => [{ tier }, ewma_seconds]),
  });

  const now = { requests: 0, streams: 0, peak: 0 };
  const gauge = (name: string, help: string, valueOf: () => number): void =>
    readLater(registry, descriptions, { type: 'gauge', name, help, labels: [], read: () => [[{}, valueOf()]] });
  gauge('ccr_active_requests', 'Requests being answered now.', () => now.requests);
  gauge('ccr_active_streams', 'Streams being written now.', () => now.streams);
  gauge('ccr_peak_active_streams', 'The most streams at once since the start.', () => now.peak);
  function track(stream: boolean, change: 1 | -1): void {
    now.requests += change;
    if (stream) now.streams += change;
    now.peak = Math.max(now.peak, now.streams);
  }

  return {
    requestStarted: (stream) => track(stream, 1),
    requestFinished: (stream) => track(stream, -1),
    rejectedStream: () => instruments.rejected.inc(),
    backpressure: () => instruments.waits.inc(),
    transformerApplied: (transformer) => void applied.set(transformer, (applied.get(transformer) ?? 0) + 1),
    active: () => ({ requests: now.requests, streams: now.streams }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    descriptions,
  };
}

type Reading = MetricDescription & {
  type: 'counter' | 'gauge';
  read(): [labels: Record<string, string>, value: number][];
};

/** A metric whose values are read when the metrics are. */
function readLater(registry: Registry, descriptions: MetricDescription[], { read, ...description }: Reading): void {
  const { name, type, labels, help } = description;
  descriptions.push(description);
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'counter') {
    // oxlint-disable-next-line no-new -- the registry holds and reads it
    new Counter({
      ...options,
      collect() {
        this.reset();
        for (const [values, value] of read()) this.inc(values, value);
      },
    });
  } else {
    // oxlint-disable-next-line no-new -- the registry holds and reads it
    new Gauge({
      ...options,
      collect() {
        this.reset();
        for (const [values, value] of read()) this.set(values, value);
      },
    });
  }
}

/** The metrics that say what the figures do. */
function readFigures(registry: Registry, descriptions: MetricDescription[], figures: Read): void {
  type Counts = ReturnType<Figures['groups']>[number]['counts'];
  const byTier = (name: string, help: string, valueOf: (counts: Counts) => number): void =>
    readLater(registry, descriptions, {
      name,
      type: 'counter',
      labels: ['tier'],
      help,
      read: () =>
        figures
          .groups('tier')
          .flatMap(({ name: tier, counts }) => (valueOf(counts) > 0 ? [[{ tier }, valueOf(counts)]] : [])),
    });
  byTier('ccr_requests_total', 'Requests sent to a tier, retries included.', ({ requests }) => requests);
  readLater(registry, descriptions, {
    name: 'ccr_failures_total',
    type: 'counter',
    labels: ['tier', 'reason'],
    help: 'Requests to a tier that failed, also in mid-answer, by kind of error.',
    read: () => figures.failures().map(([tier, reason, count]) => [{ tier, reason }, count]),
  });
  readLater(registry, descriptions, {
    name: 'ccr_frontend_requests_total',
    type: 'counter',
    labels: ['frontend'],
    help: 'Requests by client.',
    read: () => figures.frontends().map(({ frontend, requests }) => [{ frontend }, requests]),
  });
  byTier('ccr_input_tokens_total', 'Input tokens, the cached ones included.', ({ inputTokens }) => inputTokens);
  byTier('ccr_output_tokens_total', 'Output tokens, reasoning included.', ({ outputTokens }) => outputTokens);
  byTier('ccr_cache_read_tokens_total', 'Input tokens read from a prompt cache.', (counts) => counts.cacheReadTokens);
  byTier(
    'ccr_cache_creation_tokens_total',
    'Input tokens written to a prompt cache.',
    (counts) => counts.cacheWriteTokens,
  );
  byTier('ccr_cost_usd_total', 'USD, of answers whose prices are known.', ({ nanoUsd }) => usdOf(nanoUsd));
  byTier(
    'ccr_estimated_cost_usd_total',
    'The part of ccr_cost_usd_total that rests on estimated tokens or a guessed price.',
    ({ estimatedNanoUsd }) => usdOf(estimatedNanoUsd),
  );
  byTier(
    'ccr_unpriced_answers_total',
    'Answers whose price is unknown, so that they are not in ccr_cost_usd_total.',
    ({ unpriced }) => unpriced,
  );
  const drift = (name: string, help: string, valueOf: (local: number, upstream: number) => number): void =>
    readLater(registry, descriptions, {
      name,
      type: 'gauge',
      labels: ['tier'],
      help,
      read: () =>
        figures.drift().map(({ tier, last_local, last_upstream }) => [{ tier }, valueOf(last_local, last_upstream)]),
    });
  drift(
    'ccr_token_drift_absolute',
    "The last estimate of input tokens less the provider's count.",
    (local, upstream) => local - upstream,
  );
  drift('ccr_token_drift_pct', "The same in percent of the provider's count.", percent);
  readLater(registry, descriptions, {
    name: 'ccr_token_drift_alerts_total',
    type: 'counter',
    labels: ['tier', 'severity'],
    help: 'Estimates that were off by 10 % (`warning`) or 25 % (`critical`) and more.',
    read: () => figures.alerts().map(([tier, severity, count]) => [{ tier, severity }, count]),
  });
}

/** Registers all other counters, gauges and histograms, and adds their descriptions. */
function createInstruments(registry: Registry, descriptions: MetricDescription[]) {
  const registers = [registry];
  const counter = (name: string, help: string): Counter => {
    descriptions.push({ name, type: 'counter', labels: [], help });
    return new Counter({ name, help, registers });
  };
  return {
    rejected: counter('ccr_rejected_streams_total', 'Requests rejected because of --max-streams.'),
    waits: counter('ccr_stream_backpressure_total', 'Times that reading from a provider was paused for a slow client.'),
  };
}

/** Histograms, by name: what the figures measure, what it is, and the label. */
const histograms: readonly [name: string, measure: MeasureName, label: string, help: string][] = [
  [
    'ccr_request_duration_seconds',
    'requestSeconds',
    'tier',
    'From the request to the end of the answer, by the tier that answered.',
  ],
  ['ccr_ttft_seconds', 'firstContentSeconds', 'tier', 'From the request to the first content.'],
  ['ccr_output_tokens_per_second', 'tokensPerSecond', 'tier', 'Output tokens per second, from the first content on.'],
  ['ccr_pre_request_tokens', 'requestTokens', 'tier', 'Input tokens of a request as estimated before sending.'],
  [
    'ccr_frontend_request_duration_seconds',
    'frontendSeconds',
    'frontend',
    'From the request to the end of the answer, by client.',
  ],
];

/** The metrics of which the figures have histograms and sums for the metrics alone. */
function readMeasures(registry: Registry, descriptions: MetricDescription[], { measures }: Pick<Figures, 'measures'>) {
  const later = (name: string, help: string, labels: string[], read: Reading['read']): void =>
    readLater(registry, descriptions, { name, type: 'counter', labels, help, read });
  const rateLimits = (): ReturnType<Reading['read']> => measures().rateLimits.map(([tier, count]) => [{ tier }, count]);
  later('ccr_rate_limit_hits_total', 'Rate limits that a tier answered with.', ['tier'], rateLimits);
  later('ccr_rate_limit_backoffs_total', 'Cooldowns and waits after a rate limit.', ['tier'], rateLimits);
  for (const [name, measure, label, help] of histograms) {
    descriptions.push({ name, type: 'histogram', labels: [label], help });
    // The registry calls `get` alone.
    const metric = {
      name,
      get: () =>
        Promise.resolve({
          name,
          help,
          type: 'histogram',
          values: measures().histograms[measure].flatMap(([value, sums]) =>
            histogramValues(name, { [label]: value }, measureLimits[measure], sums),
          ),
        }),
    };
    registry.registerMetric(metric as unknown as Metric);
  }
  later(
    'ccr_pre_request_tokens_total',
    'Input tokens as estimated before sending, by component.',
    ['tier', 'component'],
    () =>
      measures().estimated.flatMap(([tier, sums]) =>
        Object.entries(sums).flatMap(([component, tokens]): ReturnType<Reading['read']> =>
          tokens > 0 ? [[{ tier, component }, tokens]] : [],
        ),
      ),
  );
}

function histogramValues(
  name: string,
  labels: Record<string, string>,
  limits: readonly number[],
  { counts, sum, count }: HistogramSums,
) {
  let below = 0;
  const metricName = `${name}_bucket`;
  return [
    ...limits.map((le, at) => ({ labels: { le, ...labels }, value: (below += counts[at] ?? 0), metricName })),
    { labels: { le: '+Inf', ...labels }, value: count, metricName },
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` },
  ];
}
