import type { Reply } from '../canonical/events.ts';
import type { ChatRequest } from '../canonical/request.ts';
import { hostnameOf, isLocal } from '../providers/hosts.ts';
import type { Target } from '../routing/route.ts';
import type { Exchange } from './exchange.ts';
import type { Observer, RequestRecord } from './record.ts';
import type { AttemptRecord } from './recordedAttempt.ts';

/** `traceparent` and perhaps `tracestate` (W3C Trace Context). */
export type TraceHeaders = Record<string, string>;

/** An attempt that is about to be sent. `baseUrl`: of its provider; undefined for one that the config does not have. */
export type AttemptStart = { target: Target; baseUrl: string | undefined };

/** Tells another system, such as an OpenTelemetry collector, of requests while they run. No method may throw or wait. */
export type Telemetry = {
  /** `headers`: the client's. */
  started(record: RequestRecord, headers: Exchange['headers']): void;
  /** @returns what joins the provider's own spans to this attempt's */
  attempting(start: AttemptStart, record: RequestRecord): TraceHeaders;
  attempted(attempt: AttemptRecord, record: RequestRecord): void;
  /** Absent unless the user asked for what is said, too. Before `finished`. */
  answered?(record: RequestRecord, request: ChatRequest, reply: Reply): void;
  finished(record: RequestRecord): void;
};

/** The same observer; `telemetry`, if there is any, is told too. */
export function withTelemetry(observer: Observer, telemetry: Telemetry | undefined): Observer {
  if (!telemetry) return observer;
  return {
    ...observer,
    started(record, headers) {
      observer.started(record, headers);
      telemetry.started(record, headers);
    },
    attempted(attempt, target, record) {
      observer.attempted(attempt, target, record);
      telemetry.attempted(attempt, record);
    },
    finished(record) {
      observer.finished(record);
      telemetry.finished(record);
    },
  };
}

/**
 * The headers of the trace that a provider gets: of the attempt, or without telemetry the client's own. Only for a provider on
 * this machine or in the local network: to a vendor, they would say which requests belong together, and it has no use for them.
 */
export function traceHeaders(
  start: AttemptStart,
  exchange: Exchange,
  record: RequestRecord,
  telemetry: Telemetry | undefined,
): TraceHeaders {
  const trace = telemetry?.attempting(start, record) ?? clientTrace(exchange);
  return trace && start.baseUrl !== undefined && isLocal(hostnameOf(start.baseUrl)) ? trace : {};
}

function clientTrace({ headers: { traceparent, tracestate } }: Exchange): TraceHeaders | undefined {
  return traceparent === undefined ? undefined : { traceparent, ...(tracestate !== undefined && { tracestate }) };
}
