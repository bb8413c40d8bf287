import { cut, oneLine } from '../canonical/visibleText.ts';
import type { Difference } from '../capture/compare.ts';
import type { ReplayReport } from '../capture/compareReplay.ts';
import type { Capture } from '../capture/format.ts';

/** What a list shows of a capture. */
export type CaptureSummary = Pick<
  Capture,
  'request_id' | 'provider' | 'tier_name' | 'model' | 'timestamp' | 'response_status' | 'latency_ms' | 'success'
> & {
  file: string;
  /** CCR's, as in `ccr explain`. */
  request?: string | undefined;
  error?: string | undefined;
  response_body: string;
};

/** Of a response, without `--full`. Characters. */
const longestBody = 200;

export function summaryOf(file: string, capture: Capture, full = false): CaptureSummary {
  const { request_id, provider, tier_name, model, timestamp, response_status, latency_ms, success, error } = capture;
  return {
    file,
    request_id,
    request: capture.metadata?.ccr?.request.id,
    provider,
    tier_name,
    model,
    timestamp,
    response_status,
    latency_ms,
    success,
    error,
    response_body: full ? capture.response_body : cut(capture.response_body, longestBody),
  };
}

/** @example '2026-11-26T10:00:00.000Z one,m 503 after 120 ms: The model is overloaded. (req_1)' */
export function describeCapture(summary: CaptureSummary): string {
  const { timestamp, provider, model, response_status: status, latency_ms: latency, error, request, success } = summary;
  const outcome = success ? 'answered' : (error ?? 'failed');
  const id = request ?? String(summary.request_id);
  return oneLine(`${timestamp} ${provider},${model} ${status} after ${latency} ms: ${outcome} (${id})`, 2000);
}

export function describeStats(captures: readonly CaptureSummary[]): { value: object; lines: string[] } {
  const byProvider = new Map<string, number>();
  for (const { provider } of captures) byProvider.set(provider, (byProvider.get(provider) ?? 0) + 1);
  const total = captures.reduce((sum, { latency_ms: latency }) => sum + latency, 0);
  const value = {
    total_captures: captures.length,
    success_count: captures.filter(({ success }) => success).length,
    error_count: captures.filter(({ success }) => !success).length,
    total_latency_ms: total,
    avg_latency_ms: captures.length === 0 ? 0 : Math.floor(total / captures.length),
    by_provider: Object.fromEntries(byProvider),
  };
  const providers = [...byProvider].map(([name, count]) => oneLine(`  ${name}: ${count}`));
  return {
    value,
    lines: [
      `${value.total_captures} captures: ${value.success_count} answered, ${value.error_count} failed`,
      `Average latency: ${value.avg_latency_ms} ms`,
      ...providers,
    ],
  };
}

/** What would come out now, for people. */
export function describeReplay(report: ReplayReport, version: string): string[] {
  const { request, attempt, target, capturedBy, same, sent, outcome, answer, warnings, unknown } = report;
  return [
    `${request}, attempt ${attempt} at ${target}: ${same ? 'comes out as it did' : 'comes out differently'} (captured by CCR ${capturedBy}, replayed by ${version})`,
    ...differenceLines('Sent to the provider', sent),
    ...(outcome.was === outcome.now
      ? [`  Outcome: ${outcome.now}`]
      : [`  Outcome: ${outcome.now}`, `    then: ${outcome.was ?? 'the client had left'}`]),
    ...differenceLines('Answer to the client', answer ?? []),
    ...warnings.map((warning) => `  Warning: ${warning}`),
    ...unknown.map((text) => `  Unknown: ${text}`),
  ];
}

function differenceLines(what: string, differences: readonly Difference[]): string[] {
  return differences.flatMap(({ place, was, now }) => [`  ${what}: ${place}`, `    then: ${was}`, `    now:  ${now}`]);
}
