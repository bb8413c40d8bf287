import type { Metrics } from '../observe/metrics.ts';
import type { Observer, RequestRecord } from './record.ts';

/** Updates the metrics and passes each finished record on. */
export function createObserver(metrics: Metrics, onFinished: (record: RequestRecord) => void): Observer {
  return {
    started: ({ client, stream }) => metrics.requestStarted(client, stream),
    attempted: ({ error }, { tier }) => metrics.attempted(tier, error?.kind),
    applied: (names) => names.forEach((name) => metrics.transformerApplied(name)),
    finished(record) {
      metrics.requestFinished(record.client, record.stream, record.durationMs);
      const { target, firstContentMs, durationMs, usage, costUsd } = record;
      if (target && firstContentMs !== undefined) metrics.answered(target.tier, durationMs, firstContentMs, usage);
      if (target && costUsd !== undefined) metrics.cost(target.tier, costUsd);
      onFinished(record);
    },
  };
}

/** Calls `attempted` after each attempt too. */
export function watchAttempts(observer: Observer, attempted: () => void): Observer {
  return {
    ...observer,
    attempted(...attempt) {
      observer.attempted(...attempt);
      attempted();
    },
  };
}
