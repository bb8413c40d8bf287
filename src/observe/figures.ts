import type { Usage } from '../canonical/events.ts';
import type { Cost } from './prices.ts';
import { createMeasures, type MeasuresSnapshot } from './measures.ts';
import { createThroughput, type ThroughputSnapshot, type TierThroughput } from './throughput.ts';
import { createFrontends, type FrontendFigures, type FrontendSums } from './frontends.ts';
import { createTokenAudit, type AuditEntry, type Estimate } from './tokenAudit.ts';
import { createTokenDrift, type DriftSeverity, type DriftSnapshot, type TierDrift } from './tokenDrift.ts';
import { createUsageLedger, type Counts, type Dimension, type Labels, type LedgerSnapshot } from './usageLedger.ts';

/** An answer whose first content came, complete or broken off. */
export type AnswerFigures = {
  durationMs: number;
  firstContentMs: number;
  usage?: Usage | undefined;
  /** The provider did not report its usage, so it is estimated. */
  isEstimated: boolean;
  cost?: Cost | undefined;
  /** What was estimated before the request was sent. Tokens. */
  estimate?: number | undefined;
};

export type FiguresSnapshot = {
  usage: LedgerSnapshot;
  drift: DriftSnapshot;
  throughput: ThroughputSnapshot;
  audit: AuditEntry[];
  failures: [tier: string, reason: string, count: number][];
  alerts: [tier: string, severity: DriftSeverity, count: number][];
  frontends: [frontend: string, sums: FrontendSums][];
  /** Earlier versions did not keep them. */
  measures?: MeasuresSnapshot | undefined;
};

/** The statistics that the gateway answers with. All are in memory; a snapshot has them all. */
export type Figures = {
  requested(frontend: string): void;
  finished(frontend: string, durationMs: number): void;
  /** An attempt at a provider, and why it failed. */
  attempted(labels: Labels, failure: string | undefined): void;
  /** An answer broke off after its first content, for this reason. */
  interrupted(labels: Labels, reason: string): void;
  /** The estimate of a request that was sent to a tier at `atMs`. */
  estimated(tier: string, atMs: number, estimate: Estimate): void;
  /** @returns tokens per second, if they are known at once */
  answered(labels: Labels, answer: AnswerFigures): number | undefined;
  groups(by: Dimension, sinceMs?: number): { name: string; counts: Counts }[];
  drift(): TierDrift[];
  /** The latest estimates, oldest first. */
  audit(): readonly AuditEntry[];
  throughput(): TierThroughput[];
  frontends(): FrontendFigures[];
  failures(): FiguresSnapshot['failures'];
  alerts(): FiguresSnapshot['alerts'];
  measures(): MeasuresSnapshot;
  snapshot(): FiguresSnapshot;
  restore(snapshot: FiguresSnapshot): void;
  clear(): void;
};

/** A cost in whole billionths of a USD. */
const nano = 1e9;

export function createFigures(now: () => number): Figures {
  const ledger = createUsageLedger(now);
  const drift = createTokenDrift();
  const throughput = createThroughput();
  const audit = createTokenAudit();
  const failures = createCounter<string>();
  const alerts = createCounter<DriftSeverity>();
  const frontends = createFrontends();
  const measures = createMeasures();

  return {
    requested: frontends.requested,
    finished(frontend, durationMs) {
      frontends.finished(frontend, durationMs);
      measures.observe('frontendSeconds', frontend, durationMs / 1000);
    },
    attempted(labels, failure) {
      ledger.add(labels, { requests: 1, failures: failure === undefined ? 0 : 1 });
      if (failure !== undefined) failures.add(labels.tier, failure);
      if (failure === 'rate_limited') measures.rateLimited(labels.tier);
    },
    interrupted(labels, reason) {
      ledger.add(labels, { failures: 1 });
      failures.add(labels.tier, reason);
    },
    estimated(tier, atMs, estimate) {
      audit.note(tier, atMs, estimate);
      measures.estimated(tier, estimate);
      measures.observe('requestTokens', tier, estimate.total);
    },
    answered(labels, answer) {
      const { durationMs, firstContentMs, usage, isEstimated, estimate } = answer;
      ledger.add(labels, countsOf(answer));
      measures.observe('requestSeconds', labels.tier, durationMs / 1000);
      measures.observe('firstContentSeconds', labels.tier, firstContentMs / 1000);
      if (!usage || isEstimated) return undefined;
      const severity = estimate === undefined ? undefined : drift.note(labels.tier, estimate, usage.inputTokens);
      if (severity) alerts.add(labels.tier, severity);
      const { outputTokens } = usage;
      const speed = throughput.note(labels.tier, { atMs: now(), firstContentMs, durationMs, outputTokens });
      if (speed !== undefined) measures.observe('tokensPerSecond', labels.tier, speed);
      return speed;
    },
    groups: ledger.groups,
    drift: drift.tiers,
    audit: audit.entries,
    throughput: throughput.tiers,
    frontends: frontends.all,
    failures: failures.all,
    alerts: alerts.all,
    measures: measures.snapshot,
    snapshot: () => ({
      usage: ledger.snapshot(),
      drift: drift.snapshot(),
      throughput: throughput.snapshot(),
      audit: audit.entries(),
      failures: failures.all(),
      alerts: alerts.all(),
      frontends: frontends.snapshot(),
      measures: measures.snapshot(),
    }),
    restore(snapshot) {
      ledger.restore(snapshot.usage);
      drift.restore(snapshot.drift);
      throughput.restore(snapshot.throughput);
      audit.restore(snapshot.audit);
      for (const [tier, reason, count] of snapshot.failures) failures.add(tier, reason, count);
      for (const [tier, severity, count] of snapshot.alerts) alerts.add(tier, severity, count);
      frontends.restore(snapshot.frontends);
      if (snapshot.measures) measures.restore(snapshot.measures);
    },
    clear() {
      for (const part of [ledger, drift, throughput, audit, failures, alerts, frontends, measures]) part.clear();
    },
  };
}

/** What an answer adds to the counts. */
export function countsOf({ durationMs, usage, isEstimated, cost }: AnswerFigures): Partial<Counts> {
  const nanoUsd = cost ? Math.round(cost.usd * nano) : 0;
  return {
    answers: 1,
    durationMs,
    inputTokens: usage?.inputTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    cacheReadTokens: usage?.cacheReadTokens ?? 0,
    cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
    nanoUsd,
    estimatedNanoUsd: cost?.isEstimated ? nanoUsd : 0,
    unpriced: cost ? 0 : 1,
    estimated: isEstimated ? 1 : 0,
  };
}

/** Counts by tier and one more label. */
function createCounter<Label extends string>() {
  const counts = new Map<string, [tier: string, label: Label, count: number]>();
  return {
    add(tier: string, label: Label, count = 1): void {
      const key = `${tier}\n${label}`;
      counts.set(key, [tier, label, (counts.get(key)?.[2] ?? 0) + count]);
    },
    all: () => [...counts.values()],
    clear: () => counts.clear(),
  };
}

export function usdOf(nanoUsd: number): number {
  return nanoUsd / nano;
}
