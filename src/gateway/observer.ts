import type { ErrorKind } from '../canonical/errors.ts';
import type { Figures } from '../observe/figures.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Labels } from '../observe/usageLedger.ts';
import { formatTarget } from '../config/routes.ts';
import type { Target } from '../routing/route.ts';
import type { ClientKind } from '../dialects/dialect.ts';
import type { Observer, RequestRecord } from './record.ts';

/** Updates the figures and the metrics, and passes each finished record on. */
export function createObserver(
  { metrics, figures }: { metrics: Metrics; figures: Figures },
  onFinished: (record: RequestRecord) => void,
): Observer {
  return {
    started({ client, stream }) {
      metrics.requestStarted(stream);
      figures.requested(frontendOf(client));
    },
    attempted({ target: name, startedAt, error }, target, record) {
      const { attempts, estimate } = record;
      figures.attempted(labelsOf(record, target), error && reasonOf(error.kind));
      const isFirst = (): boolean => attempts.find((each) => each.target === name)?.startedAt === startedAt;
      if (estimate && (attempts.length === 1 || isFirst())) figures.estimated(target.tier, startedAt, estimate);
    },
    applied: (names) => names.forEach((name) => metrics.transformerApplied(name)),
    finished(record) {
      const { client, stream, durationMs } = record;
      metrics.requestFinished(stream);
      figures.finished(frontendOf(client), durationMs);
      if (record.target) noteAnswer(record, record.target, figures);
      onFinished(record);
    },
  };
}

function noteAnswer(record: RequestRecord, target: Target, figures: Figures): void {
  const { firstContentMs, durationMs, usage, costUsd, error } = record;
  if (firstContentMs === undefined) return;
  const labels = labelsOf(record, target);
  figures.answered(labels, {
    durationMs,
    firstContentMs,
    usage,
    isEstimated: record.isUsageEstimated ?? false,
    cost: costUsd === undefined ? undefined : { usd: costUsd, isEstimated: record.isCostEstimated ?? false },
    estimate: record.estimate?.total,
  });
  // A client that hangs up is not a failure of the provider.
  if (error && error.kind !== 'cancelled') figures.interrupted(labels, reasonOf(error.kind));
}

/** Every value is from the config or a fixed list, but the conversation's, which is a hash. */
function labelsOf({ client, intent, preset, conversation }: RequestRecord, target: Target): Labels {
  return {
    tier: target.tier,
    model: formatTarget(target),
    class: intent?.class ?? '',
    client: frontendOf(client),
    preset: preset ?? '',
    conversation: conversation ?? '',
  };
}

/** As dashboards know it. */
function frontendOf(client: ClientKind): string {
  return client.replaceAll('-', '_');
}

function reasonOf(kind: ErrorKind): string {
  return kind.replaceAll('-', '_');
}

/** Calls `noticed` when a request starts, and after each attempt. */
export function watchRequests(observer: Observer, noticed: () => void): Observer {
  return {
    ...observer,
    started(...request) {
      observer.started(...request);
      noticed();
    },
    attempted(...attempt) {
      observer.attempted(...attempt);
      noticed();
    },
  };
}
