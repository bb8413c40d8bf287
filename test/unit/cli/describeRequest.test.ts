import { expect, it } from 'vitest';
import { describeRequest } from '../../../src/cli/describeRequest.ts';
import type { RequestView } from '../../../src/control/protocol.ts';

const view: RequestView = {
  id: 'req_1',
  cursor: 1,
  startedAt: 1000,
  durationMs: 50,
  client: 'codex',
  dialect: 'openai-responses',
  reason: 'default',
  route: {
    matched: 'a,m',
    candidates: [
      { target: 'a,m', position: 'matched' },
      { target: 'b,m', position: 'quota-last', quotaUntilMs: 31_000 },
      { target: 'c,m', position: 'cooling-last', cooldownUntilMs: 13_000, latencyMs: 2000.4 },
    ],
  },
  target: 'b,m',
  passedOver: ['a,m'],
  attempts: [],
  warnings: [],
};

it('explains why targets were skipped, with their latency: a limit, a cooldown, a test by another request', () => {
  expect(describeRequest(view)).toEqual([
    'req_1: codex asked for no model at 1970-01-01T00:00:01.000Z',
    'Rule: default, which names a,m',
    'Targets, in order:',
    '  a,m: matched',
    '  b,m: quota-last; close to a limit for 30 s',
    '  c,m: cooling-last; latency 2000 ms; on cooldown for 12 s',
    'Passed over, since another request was testing whether it answers again: a,m',
    'b,m answered in 50 ms',
  ]);
});
