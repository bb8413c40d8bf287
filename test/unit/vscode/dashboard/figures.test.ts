import { expect, it } from 'vitest';
import type { RequestView } from '../../../../src/control/protocol.ts';
import { toCsv } from '../../../../src/vscode/dashboard/exportFile.ts';
import { failuresByReason, groupBy, percentile, summarize } from '../../../../src/vscode/dashboard/figures.ts';
import { readFromPage, readToPage, toShown } from '../../../../src/vscode/dashboard/protocol.ts';
import { providerHealth, seriesOf } from '../../../../src/vscode/dashboard/series.ts';
import { requestNodes } from '../../../../src/vscode/views/requestNodes.ts';
import { sessionNodes } from '../../../../src/vscode/views/sessionNodes.ts';
import { inEnglish } from '../../../../src/canonical/wording.ts';

function requestOf(changes: Partial<RequestView> = {}): RequestView {
  const base = { id: 'a', cursor: 1, startedAt: 0, durationMs: 100, client: 'codex', dialect: 'openai-chat' };
  return { ...base, attempts: [], warnings: [], target: 'p,m', tier: 'fast', ...changes };
}

const good = requestOf({ inputTokens: 100, outputTokens: 10, cacheReadTokens: 50, costUsd: 0.5, firstContentMs: 20 });
const bad = requestOf({ id: 'b', target: undefined, tier: undefined, error: 'no', errorKind: 'timeout' });

it('sums requests, tokens, cost and failures', () => {
  expect(summarize([good, good, bad])).toMatchObject({
    requests: 3,
    failures: 1,
    inputTokens: 200,
    costUsd: 1,
    cacheHitRate: 0.5,
    firstContentMs: { p50: 20, p95: 20 },
  });
  expect(failuresByReason([good, bad])).toEqual([{ reason: 'timeout', count: 1 }]);
  expect(groupBy([good, bad], ({ target }) => target).map(({ name }) => name)).toEqual(['p,m']);
  expect(percentile([4, 1, 3, 2], 0.5)).toBe(2);
});

it('puts each request into the interval in which it ended', () => {
  const span = { from: 0, until: 200, count: 2 };
  const attempts = [{ target: 'p,m', startedAt: 0, durationMs: 10, error: 'x' }];
  expect(seriesOf([good], span)).toMatchObject({ times: [0, 0.1], answered: [0, 1], cacheHits: [null, 50] });
  expect(providerHealth([requestOf({ attempts })], span)).toEqual([
    { provider: 'p', marks: ['failed', 'none'], attempts: 1, failures: 1 },
  ]);
});

it('writes no formula and no broken line into a CSV', () => {
  expect(toCsv([requestOf({ model: '=1+1', error: 'a "b"\nc' })])).toMatch(/'=1\+1,.*"a ""b""\nc"/s);
});

it('reads only messages of the protocol', () => {
  const message = { type: 'requests', requests: [toShown(good)], isWhole: true };
  expect(readToPage(message)).toEqual(message);
  for (const other of [undefined, {}, { type: 'requests', requests: [{}], isWhole: true }])
    expect(readToPage(other)).toBeUndefined();
  expect(readFromPage({ type: 'export', format: 'html', ids: [] })).toBeUndefined();
});

it('shows hostile names as one line of plain text, and marks what failed', () => {
  const hostile = requestOf({ ...bad, conversation: 'abcdef123', model: '[x](command:y)\n$(icon)' });
  const [row] = requestNodes([good, hostile], inEnglish);
  expect(row).toMatchObject({ label: String.raw`[x](command:y)\n$(icon)`, icon: { name: 'error' } });
  expect(row?.description).toContain('failed: timeout');
  expect(sessionNodes([hostile], inEnglish)).toMatchObject([{ label: 'Codex thread abcdef', children: [{}] }]);
});
