import { readWait, type ReplyHeaders } from './retryTime.ts';

/** What is left of a limit, from 0 to 1, below which other keys and targets are preferred. */
const littleLeft = 0.05;

/** For a limit whose reset is not stated: most are per minute. Milliseconds. */
const usualWindowMs = 60_000;

/** Providers send some ten of them. */
const mostLimits = 40;

type Limit = { left: number; resetMs: number | undefined };

/**
 * Milliseconds from now until the last of the limits resets that are nearly used up, by the headers of a reply; undefined if
 * none is. Read are counts (`x-ratelimit-remaining-tokens`, `anthropic-ratelimit-requests-remaining`, `ratelimit-remaining`),
 * shares (`anthropic-ratelimit-unified-5h-utilization`, `x-codex-primary-used-percent`) and the IETF draft's `RateLimit`.
 */
export function readQuotaWait(headers: ReplyHeaders, nowMs: number): number | undefined {
  const limits = Object.entries(headers)
    .flatMap(([name, value]) => readLimit(name, String(value), headers, nowMs) ?? [])
    .slice(0, mostLimits);
  const waits = limits.filter(({ left }) => left <= littleLeft).map(({ resetMs }) => resetMs ?? usualWindowMs);
  return waits.length > 0 ? Math.max(...waits) : undefined;
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
  if (/-used-percent$/.test(name)) {
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

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(?:\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
