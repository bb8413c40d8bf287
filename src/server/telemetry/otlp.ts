// A bundle of its own, which is loaded when the environment asks for it (openTelemetry.ts).
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../gateway/clock.ts';
import type { Telemetry } from '../../gateway/telemetry.ts';
import type { Log } from '../../observe/log.ts';
import { createExporters } from './exporters.ts';
import { createMetricRecorder } from './metricRecorder.ts';
import type { OtlpSettings } from './otlpSettings.ts';
import { createRecorder } from './recorder.ts';

/** Sends spans and metrics in the background. `close` sends what is left. */
export function createOtlp(
  settings: OtlpSettings,
  version: string,
  { clock, log, secrets }: { clock: Clock; log: Log; secrets(): readonly string[] },
): { telemetry: Telemetry; close(): Promise<void> } {
  const resource = resourceFromAttributes({ 'service.instance.id': randomUUID(), ...settings.resource });
  const exporters = createExporters(settings, version, log);
  const tracing = new TracerProvider({
    resource,
    sampler: exporters.spans ? samplerOf(settings.sampler) : new AlwaysOffSampler(),
    spanProcessors: exporters.spans
      ? [
          new BatchSpanProcessor({
            exporter: exporters.spans,
            scheduledDelayMillis: settings.batch.delayMs,
            maxQueueSize: settings.batch.maxQueue,
            maxExportBatchSize: settings.batch.maxBatch,
          }),
        ]
      : [],
  });
  const metering = exporters.metrics && createMetering(exporters.metrics, resource, settings);
  const metrics = metering && createMetricRecorder(metering.getMeter('ccr', version));
  return {
    telemetry: createRecorder({
      tracer: tracing.getTracer('ccr', version),
      metrics,
      now: clock.now,
      secrets: settings.content ? secrets : undefined,
    }),
    async close() {
      await Promise.allSettled([tracing.shutdown(), metering?.shutdown()]);
    },
  };
}

type Exporters = ReturnType<typeof createExporters>;

function createMetering(
  exporter: NonNullable<Exporters['metrics']>,
  resource: ReturnType<typeof resourceFromAttributes>,
  { metricIntervalMs, metrics }: OtlpSettings,
): MeterProvider {
  const exportIntervalMillis = Math.max(100, metricIntervalMs);
  const exportTimeoutMillis = Math.min(exportIntervalMillis, metrics?.timeoutMs ?? exportIntervalMillis);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis });
  return new MeterProvider({ resource, readers: [reader] });
}

function samplerOf({ name, argument }: OtlpSettings['sampler']): Sampler {
  const root = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('traceidratio')
      ? new TraceIdRatioBasedSampler(argument)
      : new AlwaysOnSampler();
  return name.startsWith('parentbased') ? new ParentBasedSampler({ root }) : root;
}
