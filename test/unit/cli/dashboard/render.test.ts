import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { GatewayState, RequestView, TargetView } from '../../../../src/control/protocol.ts';
import { render, type View } from '../../../../src/cli/dashboard/render.ts';
import { readSnapshot, type PageName } from '../../../../src/cli/dashboard/snapshot.ts';
import { fit, length, money, short } from '../../../../src/cli/dashboard/text.ts';

const tier = (name: string, more: object = {}) => ({
  tier: name,
  requests: 120,
  failures: 2,
  input_tokens: 1_234_567,
  output_tokens: 45_678,
  cache_read_tokens: 12_000,
  cache_creation_tokens: 0,
  cost_usd: 1.5,
  avg_duration_seconds: 2,
  ...more,
});

/** As the documented endpoints of the format answer, and nothing else. */
const pages = (tiers: readonly object[] = [tier('one')]): Record<PageName, unknown> => ({
  usage: {
    total_requests: 120,
    total_failures: 2,
    total_input_tokens: 1_234_567,
    total_output_tokens: 45_678,
    total_cost_usd: 12.345,
    active_streams: 3,
    active_requests: 4,
    tiers,
  },
  latencies: [{ tier: 'one', ewma_seconds: 0.85, sample_count: 9 }],
  drift: ['small', 'large', 'huge'].map((name, index) => ({
    tier: name,
    samples: 5,
    cumulative_local: 1,
    cumulative_upstream: 1,
    cumulative_drift_pct: 0,
    last_local: 1,
    last_upstream: 1,
    last_drift_pct: [10, -10.1, 25.1][index],
  })),
  throughput: [{ tier: 'one', samples: 3, avg_ttft_seconds: 0.4, avg_tokens_per_second: 55.55, recent: [] }],
  frontends: [{ frontend: 'claude_code', requests: 7, avg_latency_ms: 1234.5 }],
});

const target = (more: Partial<TargetView>): TargetView => ({ target: 'one,m', tier: 'one', state: 'ok', ...more });

const stateOf = (targets: readonly TargetView[]) =>
  ({ status: 'degraded', reasons: ['one,m failed'], targets, budgets: [] }) as unknown as GatewayState;

const request = (more: Partial<RequestView>): RequestView => ({
  id: 'req_1',
  cursor: 1,
  startedAt: 0,
  durationMs: 2345,
  client: 'codex',
  dialect: 'openai-chat',
  attempts: [],
  warnings: [],
  target: 'one,m',
  ...more,
});

const view = (snapshot: View['snapshot'], more: Partial<View> = {}): View => ({
  url: 'http://127.0.0.1:3456',
  snapshot,
  problem: undefined,
  place: '~/project (main)',
  version: '1.0.0',
  now: 0,
  ...more,
});

const draw = (given: View, columns = 80, rows = 24, hasColour = false) => render(given, { columns, rows }, hasColour);

describe('the screen', () => {
  it("shows what the format's own endpoints have, without any other", () => {
    const text = draw(view(readSnapshot(pages()))).join('\n');
    expect(text).toContain('3 streams, 4 active · 120 requests, 98.3 % ok · $12.35 · 1.2M in, 45.7k out');
    expect(text).toMatch(/^one +850 ms +400 ms +55\.\d +118\/2 +1\.2M +45\.7k +\$1\.50 +12\.0k *$/m);
    expect(text).toMatch(/claude_code +7 +1\.2 s/);
    expect(text).toContain('q or Esc quits · ~/project (main) · CCR 1.0.0');
    expect(text).not.toContain('Latest');
  });

  it('shows of our own gateways the state of tiers, what is in trouble, and the latest requests', () => {
    const more = {
      state: stateOf([target({}), target({ target: 'one,n', state: 'open', retryAt: 0, lastFailure: { at: 0, kind: 'upstream', message: 'It broke.' } })]), // prettier-ignore
      recent: [
        request({ firstContentMs: 345, inputTokens: 12_345, outputTokens: 67, costUsd: 0.0123, fallback: { from: 'two,n', why: '' } }), // prettier-ignore
        request({ errorKind: 'timeout', target: undefined, model: 'asked' }),
      ],
    };
    const text = draw(view(readSnapshot(pages(), more))).join('\n');
    expect(text).toContain('degraded: one,m failed');
    expect(text).toMatch(/^one +open /m);
    expect(text).toMatch(/one,n +open +\d\d:\d\d:\d\d +upstream: It/);
    expect(text).toMatch(/codex +one,m +345 ms +2\.3 s +12\.3k\/67 +\$0\.0123 +instead/);
    expect(text).toMatch(/codex +asked +– +2\.3 s +0\/0 +– +timeout/);
  });

  it.each([
    [80, 24],
    [200, 60],
    [40, 10],
    [10, 3],
    [1, 1],
  ])('fills %d columns and %d rows exactly, however much there is', (columns, rows) => {
    const many = Array.from({ length: 30 }, (_, index) => tier(`层级 ${index} 👩‍👩‍👧 with a long name`));
    const more = { state: stateOf(many.map(({ tier: name }) => target({ tier: name, state: 'off' }))), recent: many.map(() => request({})) }; // prettier-ignore
    for (const snapshot of [undefined, readSnapshot(pages(many), more), readSnapshot(pages([]))])
      for (const hasColour of [false, true]) {
        const lines = draw(view(snapshot), columns, rows, hasColour).map(stripVTControlCharacters);
        expect(lines).toHaveLength(rows);
        if (columns >= 10) expect([...new Set(lines.map((line) => stringWidth(line)))]).toEqual([columns]);
      }
  });

  it('says of rows that have no room how many they are', () => {
    const many = Array.from({ length: 30 }, (_, index) => tier(`tier ${index}`));
    expect(draw(view(readSnapshot(pages(many)))).join('\n')).toMatch(/… 2\d more/);
  });

  it('lets no name steer the terminal', () => {
    const hostile = '\u001B[2J\u001B]0;title\u0007\r\n\u009B31m\u202Eevil';
    const more = {
      state: stateOf([target({ target: hostile, tier: hostile, state: 'open', lastFailure: { at: 0, kind: 'upstream', message: hostile } })]), // prettier-ignore
      recent: [request({ client: hostile, model: hostile, target: hostile })],
    };
    const snapshot = readSnapshot({ ...pages([tier(hostile)]), frontends: [{ frontend: hostile }] }, more);
    for (const line of draw(view(snapshot), 300, 60)) expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  it('colours drift above 10 % yellow and above 25 % red, and nothing without colours', () => {
    const lines = draw(view(readSnapshot(pages())), 80, 24, true);
    const lineOf = (name: string) => lines.find((line) => line.startsWith(name)) ?? '';
    expect(lineOf('small')).not.toContain('\u001B[3');
    expect(lineOf('large')).toContain('\u001B[33m -10.1 %');
    expect(lineOf('huge')).toContain('\u001B[31m  25.1 %');
    expect(draw(view(readSnapshot(pages()))).join('')).not.toContain('\u001B');
  });

  it('keeps the last figures when the gateway is gone', () => {
    const text = draw(view(readSnapshot(pages()), { problem: 'No answer from x. Trying again.' })).join('\n');
    expect(text).toContain('No answer from x. Trying again.');
    expect(text).toContain('120 requests');
  });
});

it('pages that are missing or have another form are empty, but for the usage', () => {
  const none = { latencies: undefined, drift: 'x', throughput: [{ tier: 5 }], frontends: null };
  expect(readSnapshot({ usage: {}, ...none })).toMatchObject({ usage: { total_requests: 0, tiers: [] }, drift: [] });
  expect(() => readSnapshot({ usage: 'ok', ...none })).toThrow();
});

it.each([
  [fit('a模型b', 6), 'a模型b'],
  [fit('a模型b', 5), 'a模… '],
  [fit('a模型b', 4), 'a模…'],
  [fit('a模型b', 3), 'a… '],
  [fit('ab', 4, 'right'), '  ab'],
  [short(9999), '9999'],
  [short(12_345), '12.3k'],
  [short(1_999_999), '2.0M'],
  [short(2.5e9), '2.5G'],
  [money(0), '$0.00'],
  [money(0.01234), '$0.0123'],
  [length(999), '999 ms'],
  [length(245_000), '4m05s'],
])('%j is %j', (written, expected) => {
  expect(written).toBe(expected);
});
