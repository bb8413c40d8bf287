import { describe, expect, it } from 'vitest';
import { createFigures } from '../../../src/observe/figures.ts';
import { usagePage } from '../../../src/server/usagePages.ts';

const now = Date.UTC(2026, 10, 26, 12);

function page(query: string, requests = 3) {
  let nowMs = now - 2 * 3_600_000;
  const figures = createFigures(() => nowMs);
  const labels = { tier: 'one', model: 'one,m', class: 'main', client: 'codex', preset: 'p', conversation: 'c' };
  for (let n = 0; n < requests; n++) {
    figures.attempted(labels, n === 0 ? 'timeout' : undefined);
    nowMs = now;
  }
  figures.answered(labels, {
    durationMs: 3000,
    firstContentMs: 1000,
    usage: { inputTokens: 100, outputTokens: 10, cacheReadTokens: 50, cacheWriteTokens: 20 },
    isEstimated: true,
    cost: { usd: 0.25, isEstimated: true },
  });
  return usagePage(
    { figures, active: () => ({ requests: 2, streams: 1 }), now: () => now },
    new URLSearchParams(query),
  );
}

describe('GET /v1/usage', () => {
  it('has exactly the fields of the format', () => {
    expect(page('')).toEqual({
      page: {
        total_requests: 3,
        total_failures: 1,
        total_input_tokens: 100,
        total_output_tokens: 10,
        total_cost_usd: 0.25,
        active_streams: 1,
        active_requests: 2,
        tiers: [
          {
            tier: 'one',
            requests: 3,
            failures: 1,
            input_tokens: 100,
            output_tokens: 10,
            cache_read_tokens: 50,
            cache_creation_tokens: 20,
            cost_usd: 0.25,
            avg_duration_seconds: 3,
          },
        ],
      },
    });
  });

  it.each(['since=30m', 'since=1h', 'since=2026-11-26T11:30:00Z', `since=${now / 1000 - 600}`])(
    'counts a window of time: %s',
    (query) => {
      expect(page(query)).toMatchObject({ page: { total_requests: 2, total_failures: 0, estimated_cost_usd: 0.25 } });
    },
  );

  it.each(['tier', 'model', 'class', 'client', 'preset', 'conversation'])('groups by %s', (by) => {
    expect(page(`by=${by}`)).toMatchObject({ page: { by, groups: [{ requests: 3, estimated_answers: 1 }] } });
  });

  it.each(['since=', 'since=yesterday', 'since=-1h', 'since=2026-99-99', 'by=', 'by=key', 'by=constructor'])(
    'refuses %s',
    (query) => {
      expect(page(query)).toEqual({ error: expect.stringMatching(/^(since|by): must be/) });
    },
  );
});
