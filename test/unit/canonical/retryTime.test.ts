import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRetryHeaders } from '../../../src/canonical/rateLimits.ts';
import { readRetryBody, readRetryText, readWait } from '../../../src/canonical/retryTime.ts';

/** 2026-11-26T00:00:00Z */
const now = Date.UTC(2026, 10, 26);
const minute = 60_000;
const hour = 60 * minute;

describe('readWait', () => {
  it.each<[string, number | undefined]>([
    ['20', 20_000],
    ['0', 0],
    ['1.5', 1500],
    ['350ms', 350],
    ['34s', 34_000],
    ['1m30s', 90_000],
    ['6m0s', 6 * minute],
    ['2h59m56.5s', 3 * hour - 3500],
    ['1 day 2 hours', 26 * hour],
    [String(now / 1000 + 60), minute],
    [String(now + 1234), 1234],
    [String(now / 1000 - 60), 0],
    ['Thu, 26 Nov 2026 00:01:00 GMT', minute],
    ['Thursday, 26-Nov-26 00:01:00 GMT', minute],
    ['Thu Nov 26 00:01:00 2026', minute],
    ['Tue Dec  1 00:00:00 2026', 5 * 24 * hour],
    ['Thursday, 99-Foo-26 00:01:00 GMT', undefined],
    ['2026-11-26T01:00:00Z', hour],
    ['2026-11-26T01:00:00.250+01:00', 250],
    ['2026-11-25T01:00:00Z', 0],
    ['soon', undefined],
    ['in 5 apples', undefined],
    ['-5', undefined],
    ['9'.repeat(400), undefined],
    ['', undefined],
  ])('%s', (text, expected) => {
    expect(readWait(text, now)).toBe(expected);
  });

  it('never returns anything but a finite number of at most 32 days', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.double().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        ),
        (text) => {
          const wait = readWait(text, now);
          expect(wait === undefined || (wait >= 0 && wait <= 32 * 24 * hour)).toBe(true);
        },
      ),
    );
  });
});

describe('readRetryHeaders', () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ['retry-after-ms first', { 'retry-after-ms': '250', 'retry-after': '7' }, 250],
    ['retry-after', { 'retry-after': '7' }, 7000],
    [
      'a reset of OpenAI and Groq',
      {
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6m0s',
        'x-ratelimit-remaining-requests': '5',
        'x-ratelimit-reset-requests': '1h',
      },
      6 * minute,
    ],
    [
      'a reset of Anthropic',
      { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-11-26T00:00:30Z' },
      30_000,
    ],
    ['a reset of OpenRouter', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 5000) }, 5000],
    ['a reset of the IETF draft', { 'ratelimit-remaining': '0', 'ratelimit-reset': '12' }, 12_000],
    [
      'the last of two resets',
      {
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '2s',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '9s',
      },
      9000,
    ],
    [
      'a limit that is not used up',
      { 'x-ratelimit-remaining-tokens': '3', 'x-ratelimit-reset-tokens': '6m0s' },
      undefined,
    ],
    ['a reset without what remains (cloud_controller_ng#2544)', { 'x-ratelimit-reset-tokens': '6m0s' }, 6 * minute],
    [
      'a reset beside one that has some left',
      { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset-tokens': '6m0s' },
      undefined,
    ],
    [
      'the window that was hit',
      {
        'anthropic-ratelimit-unified-5h-status': 'rejected',
        'anthropic-ratelimit-unified-5h-reset': String(now / 1000 + 90),
        'anthropic-ratelimit-unified-7d-status': 'allowed',
        'anthropic-ratelimit-unified-7d-reset': String(now / 1000 + 9000),
      },
      90_000,
    ],
    ['Azure in milliseconds', { 'x-ms-retry-after-ms': '1500' }, 1500],
    ['a private retry-after', { 'x-retry-after': '90' }, 90_000],
    ['nothing', {}, undefined],
  ])('%s', (_, headers, expected) => {
    expect(readRetryHeaders(headers, now)).toBe(expected);
  });
});

describe('readRetryBody', () => {
  it.each<[string, unknown, number | undefined]>([
    ['a duration of Protobuf', { details: [{ retryDelay: { seconds: '90', nanos: 500_000_000 } }] }, 90_500],
    [
      'a quota of Google (zerogravity#19)',
      { error: { details: [{ metadata: { quotaResetDelay: '1m30s', quotaResetTimeStamp: '2026-11-26T00:01:30Z' } }] } },
      90_000,
    ],
    ['CLIProxyAPI', { error: { code: 'model_cooldown', reset_seconds: 90, reset_time: '1m30s' } }, 90_000],
    ['minutes and milliseconds by name', [{ retry_in_minutes: 1 }, { retryAfterMilliseconds: 1500 }], minute],
    ['when it is available', { error: { next_available_at: '2026-11-26T00:01:30Z', wait_seconds: 9 } }, 90_000],
    ['no other numbers', { retry: 3, available: 5, wait: 7, resets: { count: 2 }, waiting: 8 }, undefined],
    [
      "Google's RetryInfo",
      {
        error: {
          code: 429,
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' }],
        },
      },
      34_075,
    ],
    ['a list around it', [{ error: { details: [{ retryDelay: '34s' }] } }], 34_000],
    ['seconds', { error: { retry_after: 12 } }, 12_000],
    ['milliseconds', { retry_after_ms: 1500 }, 1500],
    ['a Unix time', { error: { type: 'usage_limit_reached', resets_at: now / 1000 + 3600 } }, hour],
    [
      "OpenRouter's quoted headers",
      { error: { metadata: { headers: { 'X-RateLimit-Reset': String(now + 9000) } } } },
      9000,
    ],
    ['camel case', { retryAfterSeconds: 3 }, 3000],
    ['nothing', { error: { message: 'busy' } }, undefined],
    ['no object', 'retry', undefined],
  ])('%s', (_, body, expected) => {
    expect(readRetryBody(body, now)).toBe(expected);
  });
});

describe('readRetryText', () => {
  it.each<[string, number | undefined]>([
    ['请求过于频繁，请在 90 秒后重试', 90_000],
    ['请等待 2 分钟', 2 * minute],
    ['Too many requests: {retry_after_ms: 1500}', 1500],
    ['Please try again in 1.5s.', 1500],
    ['Please retry in 1m30s', 90_000],
    ['retry after 20 seconds', 20_000],
    ['Please wait for 2 minutes and try again', 2 * minute],
    ['Limit reached. Try again in 6 hours 12 minutes.', 6 * hour + 12 * minute],
    ['You will regain access on 2026-11-26 at 02:00 UTC.', 2 * hour],
    ['Your quota resets at 2026-11-26T00:00:30Z', 30_000],
    ['resets at 2026-11-26 00:00:30', undefined],
    ["You've hit your session limit · resets 4pm (Europe/Berlin)", 15 * hour],
    ['Your limit will reset at 3:30am (UTC).', 3.5 * hour],
    ['limit reached, resets at 3:30am (UTC)', 3.5 * hour],
    ['limit reached, resets 12am (America/New_York)', 5 * hour],
    ['limit reached, resets Nov 28 at 10am (Asia/Kolkata)', 52.5 * hour],
    ['limit reached, resets Jan 2, 12pm (UTC)', 32 * 24 * hour], // the longest wait
    ['limit reached, resets 4pm (Mars/Olympus)', undefined],
    ['limit reached, resets 4pm', undefined],
    ['try again later', undefined],
    ['The model has 5 s of audio', undefined],
  ])('%s', (message, expected) => {
    expect(readRetryText(message, now)).toBe(expected);
  });
});
