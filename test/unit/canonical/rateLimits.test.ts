import { describe, expect, it } from 'vitest';
import { readQuotaWait, readRetryHeaders } from '../../../src/canonical/rateLimits.ts';

const now = Date.UTC(2026, 10, 26, 12);
const inSeconds = (seconds: number): number => now / 1000 + seconds;

describe('what is left of a limit', () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ['counts with a span', { 'x-ratelimit-remaining-tokens': '400', 'x-ratelimit-limit-tokens': '10000', 'x-ratelimit-reset-tokens': '6m0s' }, 360],
    ['counts by their window', { 'x-ratelimit-remaining-requests-day': '0', 'x-ratelimit-limit-requests-day': '100', 'x-ratelimit-reset-requests-day': '33011.4' }, 33_011.4],
    ['counts with a date', { 'anthropic-ratelimit-requests-remaining': '2', 'anthropic-ratelimit-requests-limit': '50', 'anthropic-ratelimit-requests-reset': '2026-11-26T12:00:30Z' }, 30],
    ['counts without a name and a Unix time in ms', { 'x-ratelimit-remaining': '1', 'x-ratelimit-limit': '20', 'x-ratelimit-reset': String(now + 9000) }, 9],
    ['counts of the draft that many gateways send', { 'ratelimit-remaining': '0', 'ratelimit-limit': '10', 'ratelimit-reset': '12' }, 12],
    ['counts without any reset', { 'x-ratelimitbysize-remaining-minute': '10', 'x-ratelimitbysize-limit-minute': '500000' }, 60],
    ['a count of none without the limit', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '2s' }, 2],
    ['a share in use', { 'anthropic-ratelimit-unified-5h-utilization': '0.97', 'anthropic-ratelimit-unified-5h-reset': String(inSeconds(600)) }, 600],
    ['a percentage in use', { 'x-codex-primary-used-percent': '98', 'x-codex-primary-reset-after-seconds': '1800' }, 1800],
    ['a percentage in use with a time', { 'x-codex-secondary-used-percent': '100', 'x-codex-secondary-reset-at': String(inSeconds(50)) }, 50],
    ["the IETF draft's fields", { ratelimit: '"default";r=1;t=30', 'ratelimit-policy': '"default";q=100;w=60' }, 30],
    ["the older draft's fields", { ratelimit: 'limit=100, remaining=2, reset=7' }, 7],
    ['the longest of several', { 'x-ratelimit-remaining-a': '0', 'x-ratelimit-reset-a': '5', 'x-ratelimit-remaining-b': '0', 'x-ratelimit-reset-b': '9' }, 9],
    ['enough', { 'x-ratelimit-remaining-tokens': '9000', 'x-ratelimit-limit-tokens': '10000', 'x-ratelimit-reset-tokens': '6s' }, undefined],
    ['a little more than a twentieth', { 'x-ratelimit-remaining-requests': '6', 'x-ratelimit-limit-requests': '100' }, undefined],
    ['a share that leaves enough', { 'anthropic-ratelimit-unified-7d-utilization': '0.5' }, undefined],
    ['some without the limit', { 'x-ratelimit-remaining-requests': '3' }, undefined],
    ['what is no number', { 'x-ratelimit-remaining-requests': 'none', 'x-codex-primary-used-percent': 'NaN', ratelimit: 'soon' }, undefined],
    ['other headers', { 'content-type': 'text/plain', 'remaining': '0' }, undefined],
  ])('reads %s', (_, headers, seconds) => {
    expect(readQuotaWait(headers, now)).toBe(seconds === undefined ? undefined : seconds * 1000);
  });

  it('believes no reset beyond a month', () => {
    const absurd = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '999999999' };
    expect(readQuotaWait(absurd, now)).toBe(32 * 24 * 3_600_000);
  });
}); // prettier-ignore

describe('a wait after a refusal', () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ['a share that is used up', { 'anthropic-ratelimit-unified-5h-utilization': '1.02', 'anthropic-ratelimit-unified-5h-reset': String(inSeconds(600)) }, 600_000],
    ['a percentage that is used up', { 'x-codex-primary-used-percent': '100', 'x-codex-primary-reset-after-seconds': '90' }, 90_000],
    ["the IETF draft's field", { ratelimit: '"default";r=0;t=30' }, 30_000],
    ['no limit that has something left', { ratelimit: '"default";r=1;t=30', 'x-codex-primary-used-percent': '99' }, undefined],
  ])('is read from %s', (_, headers, wait) => {
    expect(readRetryHeaders(headers, now)).toBe(wait);
  });
}); // prettier-ignore
