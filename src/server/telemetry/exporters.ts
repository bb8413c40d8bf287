import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { createOtlpHttpExportDelegate, httpAgentFactoryFromOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  MetricsExporterMetricsHelper,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
  type IExporterMetricsHelper,
  type ISerializer,
} from '@opentelemetry/otlp-transformer';
import {
  AggregationTemporality,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../../observe/log.ts';
import type { OtlpSettings, SignalSettings } from './otlpSettings.ts';

/** An exporter of one signal, as both SDKs want it. */
type Exporter<Items> = {
  export(items: Items, done: (result: ExportResult) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
};

/** Exporters of the signals that are on. The log says once that one fails, and again only after it worked. */
export function createExporters(
  { traces, metrics, temporality }: OtlpSettings,
  version: string,
  log: Log,
): { spans: SpanExporter | undefined; metrics: PushMetricExporter | undefined } {
  const traceSerializer = traces?.protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  const metricSerializer = metrics?.protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return {
    spans:
      traces &&
      reporting<ReadableSpan[]>(
        'traces',
        traces,
        exporterOf(traces, traceSerializer, TraceExporterMetricsHelper, version),
        log,
      ),
    metrics: metrics && {
      ...reporting<ResourceMetrics>(
        'metrics',
        metrics,
        exporterOf(metrics, metricSerializer, MetricsExporterMetricsHelper, version),
        log,
      ),
      selectAggregationTemporality: (type) => temporalityOf(type, temporality),
    },
  };
}

/** Requests that may wait for the collector at once; more spans and metrics are dropped. */
const maxRequests = 8;

function exporterOf<Items, Response>(
  { url, protocol, headers, timeoutMs, compression, tls }: SignalSettings,
  serializer: ISerializer<Items, Response>,
  helper: IExporterMetricsHelper<Items>,
  version: string,
): Exporter<Items> {
  const type = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  const options = {
    url,
    headers: () => Promise.resolve({ ...headers, 'Content-Type': type }),
    timeoutMillis: timeoutMs,
    concurrencyLimit: maxRequests,
    compression,
    agentFactory: httpAgentFactoryFromOptions({ keepAlive: true, ...tls }),
    userAgent: `ccr/${version}`,
  };
  return new OTLPExporterBase(createOtlpHttpExportDelegate(options, serializer, 'otlp', helper, undefined));
}

function reporting<Items>(name: string, { url }: SignalSettings, exporter: Exporter<Items>, log: Log): Exporter<Items> {
  const { origin } = new URL(url);
  let isFailing = false;
  const note = ({ code, error }: ExportResult): void => {
    const failed = code !== ExportResultCode.SUCCESS;
    if (failed === isFailing) return;
    isFailing = failed;
    if (failed)
      log.warn(`OpenTelemetry: ${name} can't be sent to ${origin} (${reasonOf(error)}). Requests go on as usual.`);
    else log.info(`OpenTelemetry: ${name} are sent to ${origin} again.`);
  };
  return {
    export: (items, done) =>
      exporter.export(items, (result) => {
        note(result);
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/** Without the words of the collector, which may quote a header. */
function reasonOf(error: Error | undefined): string {
  const code = error && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `HTTP ${code}`;
  return typeof code === 'string' ? code : 'no answer in time';
}

/** As the specification of the variable has it. */
function temporalityOf(type: InstrumentType, preference: OtlpSettings['temporality']): AggregationTemporality {
  const upDown: string[] = [InstrumentType.UP_DOWN_COUNTER, InstrumentType.OBSERVABLE_UP_DOWN_COUNTER];
  const isDelta =
    preference !== 'cumulative' &&
    !upDown.includes(type) &&
    !(preference === 'lowmemory' && type === InstrumentType.OBSERVABLE_COUNTER);
  return isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
}
