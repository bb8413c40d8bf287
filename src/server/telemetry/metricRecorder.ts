import { ValueType, type Attributes, type Meter, type ObservableResult } from '@opentelemetry/api';
import type { RequestRecord } from '../../gateway/record.ts';
import { names } from './attributes.ts';

/** Seconds, as the conventions advise. */
const durationBuckets = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const firstChunkBuckets = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Tokens. */
const tokenBuckets = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

/** Attributes of a target: their values are from the config, so that their number is bounded. */
export type MetricRecorder = {
  attempted(target: Attributes, durationMs: number, error: Attributes): void;
  firstContent(target: Attributes, ms: number): void;
  used(target: Attributes, record: RequestRecord): void;
};

const nano = 1e9;

export function createMetricRecorder(meter: Meter): MetricRecorder {
  const duration = meter.createHistogram('gen_ai.client.inference.duration', {
    unit: 's',
    description: 'Duration of an attempt at a provider.',
    advice: { explicitBucketBoundaries: durationBuckets },
  });
  const firstChunk = meter.createHistogram('gen_ai.client.inference.time_to_first_chunk', {
    unit: 's',
    description: 'Time to the first content of a streamed answer.',
    advice: { explicitBucketBoundaries: firstChunkBuckets },
  });
  const tokens = createTokenMetrics(meter);
  const costs = createSums();
  meter
    .createObservableCounter('ccr.usage.cost', {
      unit: '{USD}',
      description: 'Cost of answers whose prices are known.',
      valueType: ValueType.DOUBLE,
    })
    .addCallback(costs.observe);

  return {
    attempted: (target, durationMs, error) => duration.record(durationMs / 1000, { ...target, ...error }),
    firstContent: (target, ms) => firstChunk.record(ms / 1000, target),
    used(target, record) {
      tokens.add(target, record);
      if (record.costUsd !== undefined) costs.add(target, Math.round(record.costUsd * nano));
    },
  };
}

function createTokenMetrics(meter: Meter): { add(target: Attributes, record: RequestRecord): void } {
  const counter = (name: string, description: string) =>
    meter.createCounter(`gen_ai.client.inference.usage.${name}`, {
      unit: '{token}',
      description,
      valueType: ValueType.INT,
    });
  const histogram = (name: string, description: string) =>
    meter.createHistogram(`gen_ai.client.inference.operation.${name}`, {
      unit: '{token}',
      description,
      valueType: ValueType.INT,
      advice: { explicitBucketBoundaries: tokenBuckets },
    });
  const input = counter('input_tokens', 'Input tokens used, the cached ones included.');
  const output = counter('output_tokens', 'Output tokens used, reasoning included.');
  const cacheRead = counter('cache_read.input_tokens', 'Input tokens read from a prompt cache.');
  const cacheWrite = counter('cache_write.input_tokens', 'Input tokens written to a prompt cache.');
  const reasoning = counter('reasoning.output_tokens', 'Output tokens of reasoning.');
  const inputs = histogram('input_tokens', 'Input tokens of an answer.');
  const outputs = histogram('output_tokens', 'Output tokens of an answer.');
  return {
    add(target, { usage }) {
      // Providers do not say which tokens are text and which are an image.
      const attributes = { ...target, [names.modality]: 'unknown' };
      const { inputTokens = 0, outputTokens = 0, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage ?? {};
      input.add(inputTokens, attributes);
      output.add(outputTokens, attributes);
      if (cacheReadTokens) cacheRead.add(cacheReadTokens, attributes);
      if (cacheWriteTokens) cacheWrite.add(cacheWriteTokens, attributes);
      if (reasoningTokens) reasoning.add(reasoningTokens, attributes);
      if (!usage) return;
      inputs.record(inputTokens, target);
      outputs.record(outputTokens, target);
    },
  };
}

/** Sums in billionths, which are exact. */
function createSums() {
  const sums = new Map<string, { attributes: Attributes; value: number }>();
  return {
    add(attributes: Attributes, value: number): void {
      const key = JSON.stringify(attributes);
      sums.set(key, { attributes, value: (sums.get(key)?.value ?? 0) + value });
    },
    observe(result: ObservableResult): void {
      for (const { attributes, value } of sums.values()) result.observe(value / nano, attributes);
    },
  };
}
