import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { ErrorKind } from '../../canonical/errors.ts';
import { explainError, type RequestRecord } from '../../gateway/record.ts';
import { clientSecrets } from '../../gateway/scrub.ts';
import type { Telemetry, TraceHeaders } from '../../gateway/telemetry.ts';
import { contentAttributes } from './content.ts';
import { errorAttributes, names, requestAttributes, routeOf, targetAttributes, usageAttributes } from './attributes.ts';
import type { MetricRecorder } from './metricRecorder.ts';

type Attempt = { span: Span; target: Attributes; startedAt: number; firstContentMs?: number };

/** A request's span and that of its attempt, of which there is one at a time. */
type Trace = { span: Span; attempt: Attempt | undefined; secrets: readonly string[] };

type Failure = { kind: ErrorKind; message: string };

type RecorderParts = {
  tracer: Tracer;
  metrics: MetricRecorder | undefined;
  now(): number;
  /** What must not be sent, if what is said is. */
  secrets: (() => readonly string[]) | undefined;
};

/** Writes a span for each request, with one below it for each attempt, and the metrics of attempts. */
export function createRecorder({ tracer, metrics, now, secrets }: RecorderParts): Telemetry {
  const traces = new WeakMap<RequestRecord, Trace>();
  const propagator = new W3CTraceContextPropagator();

  function endAttempt(open: Trace, record: RequestRecord, endedAt: number, error: Failure | undefined): void {
    const { attempt } = open;
    if (!attempt) return;
    open.attempt = undefined;
    metrics?.attempted(attempt.target, endedAt - attempt.startedAt, errorAttributes(error));
    end(attempt.span, record, endedAt, error);
  }

  return {
    started(record, headers) {
      const parent = propagator.extract(ROOT_CONTEXT, headers, {
        get: (carrier, name) => carrier[name],
        keys: Object.keys,
      });
      const route = routeOf(record);
      const attributes = { [names.httpMethod]: 'POST', [names.httpRoute]: route };
      const span = tracer.startSpan(
        `POST ${route}`,
        { kind: SpanKind.SERVER, startTime: record.startedAt, attributes },
        parent,
      );
      traces.set(record, { span, attempt: undefined, secrets: secrets ? clientSecrets(headers) : [] });
    },

    attempting(start, record) {
      const open = traces.get(record);
      if (!open) return {};
      const target = targetAttributes(start);
      const context = trace.setSpan(ROOT_CONTEXT, open.span);
      const startedAt = now();
      const span = tracer.startSpan(
        `chat ${start.target.model}`,
        { kind: SpanKind.CLIENT, startTime: startedAt, attributes: target },
        context,
      );
      open.attempt = { span, target, startedAt };
      const headers: TraceHeaders = {};
      propagator.inject(trace.setSpan(ROOT_CONTEXT, span), headers, {
        set: (carrier: TraceHeaders, name, value) => void (carrier[name] = value),
      });
      return headers;
    },

    attempted({ startedAt, durationMs, error, key }, record) {
      const open = traces.get(record);
      if (!open?.attempt) return;
      if (key !== undefined) open.attempt.span.setAttribute(names.key, key);
      // One that has answered goes on until the answer has ended.
      if (error) endAttempt(open, record, startedAt + durationMs, error);
      else open.attempt.firstContentMs = durationMs;
    },

    ...(secrets && {
      answered(record, request, reply) {
        const open = traces.get(record);
        const isSent = open?.attempt?.span.isRecording();
        if (isSent)
          open?.attempt?.span.setAttributes(contentAttributes(request, reply, [...secrets(), ...open.secrets]));
      },
    }),

    finished(record) {
      const open = traces.get(record);
      if (!open) return;
      traces.delete(record);
      const endedAt = record.startedAt + record.durationMs;
      const { attempt } = open;
      if (attempt) {
        noteAnswer(attempt, record, metrics);
        endAttempt(open, record, endedAt, record.error);
      }
      open.span.setAttributes(requestAttributes(record));
      end(open.span, record, endedAt, record.error);
    },
  };
}

function noteAnswer(attempt: Attempt, record: RequestRecord, metrics: MetricRecorder | undefined): void {
  const { span, target, firstContentMs } = attempt;
  if (firstContentMs === undefined) return;
  span.setAttributes(usageAttributes(record));
  metrics?.used(target, record);
  if (!record.stream) return;
  span.setAttributes({ [names.requestStream]: true, [names.timeToFirstChunk]: firstContentMs / 1000 });
  metrics?.firstContent(target, firstContentMs);
}

/** A client that hangs up is no error. */
function end(span: Span, record: RequestRecord, endedAt: number, error: Failure | undefined): void {
  if (error) {
    span.setAttributes(errorAttributes(error));
    if (error.kind !== 'cancelled')
      span.setStatus({ code: SpanStatusCode.ERROR, message: explainError(error, record) });
  }
  span.end(endedAt);
}
