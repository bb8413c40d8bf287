import { expect, it } from 'vitest';
import { GatewayError, type ErrorKind } from '../../../src/canonical/errors.ts';
import { cooldownMs, keyScope, summarize, type Failure } from '../../../src/gateway/failure.ts';
import { waitText } from '../../../src/gateway/waitText.ts';

const now = Date.UTC(2026, 10, 26);

it.each([
  [11_001, 'for 12 s'],
  [3_600_000, 'for 3600 s'],
  [86_400_000, 'until 2026-11-27 00:00 UTC'],
  [36 * 86_400_000, 'until 2027-01-01 00:00 UTC'],
])('shows %i ms as %j', (waitMs, text) => {
  expect(waitText(now + waitMs, now)).toBe(text);
});

it.each([
  [undefined, 600_000],
  [20_000, 600_000],
  [7_200_000, 7_200_000],
])('an account without means that states %s ms has a cooldown of %i ms, for all of its models', (stated, expected) => {
  expect(cooldownMs(new GatewayError('quota', 'No.', { retryAfterMs: stated }))).toBe(expected);
  expect(keyScope('quota')).toBe('provider');
});

function failed(kind: ErrorKind, retryAfterMs?: number): Failure {
  const target = { provider: kind, model: 'm', tier: kind };
  return { target, attempts: 1, error: new GatewayError(kind, 'No.', { retryAfterMs }) };
}

it('lets a client wait for the target that waiting helps, not for the end of the month', () => {
  const { kind, details } = summarize([failed('quota', 31 * 86_400_000), failed('rate-limited', 20_000)]);
  expect([kind, details.retryAfterMs]).toEqual(['rate-limited', 20_000]);
  expect(summarize([failed('quota', 90_000), failed('auth')]).kind).toBe('quota');
  expect(summarize([failed('quota', 90_000), failed('upstream')]).details.retryAfterMs).toBeUndefined();
});
