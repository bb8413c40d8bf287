import { describe, expect, it } from 'vitest';
import { describeRecord, explainDetour, type RequestRecord } from '../../../src/gateway/record.ts';
import type { RouteCandidate, Target } from '../../../src/routing/route.ts';
import { toRequestView } from '../../../src/server/stateView.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const a: Target = { provider: 'a', model: 'm', tier: 'a' };
const b: Target = { provider: 'b', model: 'm', tier: 'b' };

function recordOf(candidates: RouteCandidate[], changes: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: 'req_1',
    startedAt: 1_000,
    durationMs: 20,
    client: 'codex',
    dialect: 'openai-chat',
    model: 'auto',
    stream: true,
    reason: 'default',
    route: { matched: a, candidates },
    target: b,
    attempts: [{ target: 'b,m', startedAt: 1_000, durationMs: 10 }],
    warnings: [],
    withoutPrompt: (text) => text,
    ...changes,
  };
}

const moved: RouteCandidate[] = [
  { target: b, position: 'fallback' },
  { target: a, position: 'cooling-last', cooldownUntilMs: 13_000 },
];

describe('explainDetour', () => {
  it.each([
    ['is nothing for the matched target', recordOf(moved, { target: a }), undefined],
    ['is nothing without an answer', recordOf(moved, { target: undefined }), undefined],
    ['names a cooldown', recordOf(moved), 'a,m is on cooldown for 12 s'],
    [
      'names a higher latency',
      recordOf([
        { target: b, position: 'latency', latencyMs: 100 },
        { target: a, position: 'latency', latencyMs: 899.6 },
      ]),
      'a,m is slower (first content after 900 ms on average)',
    ],
    [
      'names a missing latency',
      recordOf([
        { target: b, position: 'latency', latencyMs: 100 },
        { target: a, position: 'unmeasured' },
      ]),
      'a,m has not been measured often enough',
    ],
    [
      'names a hosted tool, for which routing left the target out',
      recordOf([{ target: b, position: 'fallback' }]),
      "a,m can't run the hosted tool that the request needs",
    ],
    [
      'names a test by another request',
      recordOf([{ target: a, position: 'matched' }], { passedOver: ['a,m'] }),
      'a,m kept failing, and another request was testing it',
    ],
    [
      'names a failure before all else',
      recordOf(moved, {
        attempts: [
          { target: 'a,m', startedAt: 0, durationMs: 1, error: { kind: 'auth', message: 'Who?' } },
          { target: 'b,m', startedAt: 1, durationMs: 1 },
        ],
      }),
      'a,m failed (auth)',
    ],
  ])('%s', (_, record, expected) => expect(explainDetour(record)).toBe(expected));
});

describe('what is reported of a route', () => {
  it('is in the log line', () => {
    expect(describeRecord(recordOf(moved))).toBe(
      'codex asked for auto, b,m answered, since a,m is on cooldown for 12 s (default) in 20 ms (req_1)',
    );
  });

  it('is in the view of the control API', () => {
    const record = recordOf(moved, { route: { matched: a, candidates: moved, readAs: 'm' } });
    expect(toRequestView(record, () => undefined)).toMatchObject({
      target: 'b,m',
      reason: 'default',
      route: {
        matched: 'a,m',
        readAs: 'm',
        detour: 'a,m is on cooldown for 12 s',
        candidates: [
          { target: 'b,m', position: 'fallback' },
          { target: 'a,m', position: 'cooling-last', cooldownUntilMs: 13_000 },
        ],
      },
    });
    expect(toRequestView(recordOf(moved, { route: undefined }), () => undefined).route).toBeUndefined();
  });

  it('is in the record of every request', async () => {
    const config = {
      Providers: ['a', 'b'].map((name) => ({ name, api_base_url: `http://${name}.test/v1`, models: ['m'] })),
      Router: { default: 'a,m', think: 'b,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
    };
    const streamed = chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';
    const bench = createGatewayBench(config, ({ url }) =>
      Promise.resolve(url.includes('a.test') ? replyWith(529, 'Busy.') : replyWith(200, streamed)),
    );
    const body = { model: 'auto', stream: true, messages: [{ role: 'user', content: 'Hello' }] };
    const positions = async (): Promise<unknown> => {
      await bench.ask({ dialect: 'openai-chat', body }).done;
      const record = bench.records.at(-1);
      return [record?.reason, record?.route?.matched, record?.route?.candidates.map(({ position }) => position)];
    };
    expect(await positions()).toEqual(['default', a, ['matched', 'fallback']]);
    expect(bench.logged.at(-1)).toContain('b,m answered, since a,m failed (overloaded) (default, attempt 2)');
    expect(await positions()).toEqual(['default', a, ['fallback', 'cooling-last']]);
    expect(bench.logged.at(-1)).toContain('b,m answered, since a,m is on cooldown for 10 s (default)');
  });
});
