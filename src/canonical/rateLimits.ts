import { bounded, numberIn, readWait, textOf } from './retryTime.ts';

export type ReplyHeaders = Record<string, string | string[] | undefined>;

/** What is left of a limit, from 0 to 1, below which other keys and targets are preferred. */
const littleLeft = 0.05;

/** For a limit whose reset is not stated: most are per minute. Milliseconds. */
const usualWindowMs = 60_000;

/** Providers send some ten of them. */
const mostLimits = 40;

type Limit = { left: number; resetMs: number | undefined };

/**
 * Milliseconds from now until a provider accepts requests again, by its headers: `retry-after-ms`, `retry-after` in any
 * form, else the reset of each limit that is used up, else any reset where none says what is left. Of several, the last to reset
 * counts. Undefined when they say nothing, or nothing that can be.
 */
export function readRetryHeaders(headers: ReplyHeaders, nowMs: number): number | undefined {
  const milliseconds = numberIn(headers['retry-after-ms'] ?? headers['x-ms-retry-after-ms']);
  if (milliseconds !== undefined) return bounded(milliseconds);
  const stated = readWait(textOf(headers['retry-after'] ?? headers['x-retry-after']), nowMs);
  if (stated !== undefined) return stated;
  const limits = readLimits(headers, nowMs);
  const usedUp = limits.filter(({ left }) => left <= 0);
  const resets = limits.length > 0 ? usedUp.flatMap(({ resetMs }) => resetMs ?? []) : readResets(headers, nowMs);
  // A reset that is over says nothing of a limit that still holds (dirge#718).
  const waits = resets.filter((wait) => wait > 0);
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

/** Resets of which nothing says how much is left: those of a limit that has been hit, if any is marked so. */
function readResets(headers: ReplyHeaders, nowMs: number): number[] {
  const names = Object.keys(headers)
    .filter((name) => resetHeader.test(name))
    .slice(0, mostLimits);
  const rejected = names.filter((name) => textOf(headers[name.replace(/reset.*$/, 'status')]) === 'rejected');
  return (rejected.length > 0 ? rejected : names).flatMap((name) => readWait(textOf(headers[name]), nowMs) ?? []);
}

const resetHeader = /^(?:[\w-]{1,40}-)?rate-?limit-(?:[\w-]{1,60}-)?reset(?:-[\w-]{1,40})?$/;

/**
 * Milliseconds from now until the last of the limits resets that are nearly used up, by the headers of a reply; undefined if
 * none is. Read are counts (`x-ratelimit-remaining-tokens`, `anthropic-ratelimit-requests-remaining`, `ratelimit-remaining`),
 * shares (`anthropic-ratelimit-unified-5h-utilization`, `x-codex-primary-used-percent`) and the IETF draft's `RateLimit`.
 */
export function readQuotaWait(headers: ReplyHeaders, nowMs: number): number | undefined {
  const waits = readLimits(headers, nowMs)
    .filter(({ left }) => left <= littleLeft)
    .map(({ resetMs }) => resetMs ?? usualWindowMs);
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

function readLimits(headers: ReplyHeaders, nowMs: number): Limit[] {
  const limits: Limit[] = [];
  for (const name of Object.keys(headers)) {
    const limit = readLimit(name, textOf(headers[name]) ?? '', headers, nowMs);
    if (limit && limits.push(limit) >= mostLimits) break;
  }
  return limits;
}

function readLimit(name: string, value: string, headers: ReplyHeaders, nowMs: number): Limit | undefined {
  const waitIn = (other: string): number | undefined => readWait(textOf(headers[other]), nowMs);
  if (/^(?:[\w-]{1,40}-)?ratelimit[\w-]{0,60}remaining/.test(name)) {
    const remaining = numberIn(value);
    const limit = numberIn(textOf(headers[name.replace('remaining', 'limit')]));
    if (remaining === undefined) return undefined;
    const resetMs = waitIn(name.replace('remaining', 'reset'));
    return { left: limit === undefined || limit === 0 ? remaining : remaining / limit, resetMs };
  }
  if (/-ratelimit-[\w-]{1,60}-utilization$/.test(name)) {
    const used = numberIn(value);
    return used === undefined ? undefined : { left: 1 - used, resetMs: waitIn(name.replace(/utilization$/, 'reset')) };
  }
  if (name.endsWith('-used-percent')) {
    const used = numberIn(value);
    const reset =
      waitIn(name.replace(/used-percent$/, 'reset-after-seconds')) ?? waitIn(name.replace(/used-percent$/, 'reset-at'));
    return used === undefined ? undefined : { left: 1 - used / 100, resetMs: reset };
  }
  return name === 'ratelimit' ? readDraft(value, textOf(headers['ratelimit-policy']) ?? '', nowMs) : undefined;
}

/** `"default";r=50;t=30` with the policy `"default";q=100;w=60`; older drafts write `limit=100, remaining=50, reset=30`. */
function readDraft(value: string, policy: string, nowMs: number): Limit | undefined {
  const field = (text: string, names: string): number | undefined =>
    numberIn(new RegExp(`(?:^|[;,\\s])(?:${names})=(\\d+)`).exec(text)?.[1]);
  const remaining = field(value, 'r|remaining');
  if (remaining === undefined) return undefined;
  const limit = field(value, 'limit') ?? field(policy, 'q');
  const reset = field(value, 't|reset') ?? field(policy, 'w');
  return { left: limit ? remaining / limit : remaining, resetMs: readWait(reset?.toString(), nowMs) };
}
