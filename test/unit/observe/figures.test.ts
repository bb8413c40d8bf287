import { describe, expect, it } from 'vitest';
import { createFigures } from '../../../src/observe/figures.ts';
import { createThroughput } from '../../../src/observe/throughput.ts';
import { createTokenDrift } from '../../../src/observe/tokenDrift.ts';

const labels = { tier: 'one', model: 'one,m', class: 'main', client: 'codex', preset: '', conversation: 'c' };
const second = 1000;

describe('token drift', () => {
  it('compares the last estimate and all of them with the counts, to a tenth of a percent', () => {
    const drift = createTokenDrift();
    expect(drift.note('one', 105, 100)).toBeUndefined();
    expect(drift.note('one', 110, 100)).toBe('warning');
    expect(drift.note('one', 66, 100)).toBe('critical');
    expect(drift.note('one', 5, 0)).toBeUndefined();
    expect(drift.tiers()).toEqual([
      {
        tier: 'one',
        samples: 3,
        cumulative_local: 281,
        cumulative_upstream: 300,
        cumulative_drift_pct: -6.3,
        last_local: 66,
        last_upstream: 100,
        last_drift_pct: -34,
      },
    ]);
  });
});

describe('throughput', () => {
  it('is of the latest 256 answers, with percentiles between two of them', () => {
    const throughput = createThroughput();
    for (let n = 0; n <= 300; n++)
      throughput.note('one', { atMs: 0, firstContentMs: n * second, durationMs: n * second + 500, outputTokens: 50 });
    const [tier] = throughput.tiers();
    expect(tier).toMatchObject({ tier: 'one', samples: 256, avg_ttft_seconds: 172.5, p50_ttft_seconds: 172.5 });
    expect(tier?.p99_ttft_seconds).toBeCloseTo(45 + 255 * 0.99, 9);
    expect(tier).toMatchObject({ avg_tokens_per_second: 100, p50_tokens_per_second: 100 });
    expect(tier?.recent.at(-1)).toEqual({
      ttft_seconds: 300,
      tokens_per_second: 100,
      output_tokens: 50,
      generation_seconds: 0.5,
      timestamp: '1970-01-01T00:00:00.000Z',
    });
  });

  it('says nothing of an answer that came all at once', () => {
    const throughput = createThroughput();
    throughput.note('one', { atMs: 0, firstContentMs: 5, durationMs: 5, outputTokens: 50 });
    expect(throughput.tiers()).toEqual([]);
  });
});

describe('figures', () => {
  it('are the same after a snapshot was restored, and empty after they are cleared', () => {
    const figures = createFigures(() => 1_800_000_000_000);
    figures.requested('codex');
    figures.finished('codex', 1200);
    figures.attempted(labels, 'timeout');
    figures.attempted(labels, undefined);
    figures.interrupted(labels, 'connection');
    figures.estimated('one', 0, { system: 1, messages: 2, tools: 3, total: 6 });
    figures.answered(labels, {
      durationMs: 1200,
      firstContentMs: 200,
      usage: { inputTokens: 10, outputTokens: 20 },
      isEstimated: false,
      cost: { usd: 0.1 + 0.2, isEstimated: false },
      estimate: 6,
    });
    const restored = createFigures(() => 1_800_000_000_000);
    restored.restore(JSON.parse(JSON.stringify(figures.snapshot())));
    expect(restored.snapshot()).toEqual(figures.snapshot());
    expect(restored.frontends()).toEqual([{ frontend: 'codex', requests: 1, avg_latency_ms: 1200 }]);
    expect(restored.groups('tier')).toMatchObject([{ name: 'one', counts: { nanoUsd: 300_000_000, failures: 2 } }]);
    expect(restored.alerts()).toEqual([['one', 'critical', 1]]);
    restored.clear();
    expect(restored.snapshot()).toEqual(createFigures(() => 0).snapshot());
  });

  it('keep the last 1024 estimates', () => {
    const figures = createFigures(() => 0);
    for (let n = 0; n < 1030; n++) figures.estimated('one', n, { system: 0, messages: n, tools: 0, total: n });
    expect(figures.audit().length).toBe(1024);
    expect(figures.audit()[0]).toEqual({
      timestamp: '1970-01-01T00:00:00.006Z',
      tier: 'one',
      message_tokens: 6,
      system_tokens: 0,
      tool_tokens: 0,
      total_tokens: 6,
    });
  });
});

describe('measures', () => {
  const answer = {
    durationMs: 700,
    firstContentMs: 200,
    isEstimated: false,
    usage: { inputTokens: 10, outputTokens: 50 },
  };

  function measured() {
    const figures = createFigures(() => 0);
    figures.finished('codex', 700);
    figures.attempted(labels, 'rate_limited');
    figures.estimated('one', 0, { messages: 1000, system: 900, tools: 0, total: 1900 });
    figures.answered(labels, answer);
    figures.answered(labels, { ...answer, durationMs: 700_000 });
    return figures;
  }

  it('are histograms and sums, which a snapshot has', () => {
    const { measures, snapshot } = measured();
    const { histograms, rateLimits, estimated } = measures();
    expect([rateLimits, estimated]).toEqual([[['one', 1]], [['one', { messages: 1000, system: 900, tools: 0 }]]]);
    const [[tier, { counts, sum, count }]] = histograms.requestSeconds as [
      [string, { counts: number[]; sum: number; count: number }],
    ];
    // Up to a second, and above all limits.
    expect([tier, counts.indexOf(1), counts.reduce((a, b) => a + b), sum, count]).toEqual(['one', 4, 1, 700.7, 2]);
    const later = createFigures(() => 0);
    later.restore(JSON.parse(JSON.stringify(snapshot())) as ReturnType<typeof snapshot>);
    expect(later.measures()).toEqual(measures());
    later.clear();
    expect(later.measures().histograms.requestSeconds).toEqual([]);
  });

  it('of a version that had none, or had other limits, are left out', () => {
    const { measures: _, ...earlier } = measured().snapshot();
    const figures = createFigures(() => 0);
    figures.restore(earlier);
    expect(figures.measures().rateLimits).toEqual([]);
    const snapshot = measured().snapshot();
    const others = {
      ...measured().measures().histograms,
      requestTokens: [['one', { counts: [1, 2], sum: 3, count: 3 }]],
    } as never;
    figures.restore({ ...snapshot, measures: { ...measured().measures(), histograms: others } });
    expect(figures.measures().histograms.requestTokens).toEqual([]);
    expect(figures.measures().histograms.requestSeconds).toHaveLength(1);
  });
});
