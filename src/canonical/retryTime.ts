import { parseCutJson } from './cutJson.ts';
import { isObject, parseJson } from './json.ts';

/** The longest wait that is believed: a monthly plan's. Milliseconds. */
const longestMs = 32 * 24 * 3_600_000;

/** Of a time or a span in any form. Characters. */
const longestWait = 100;

/** Unix times in seconds and in milliseconds are told apart by size: 2001 in ms is 1e12. */
const firstEpochMs = 1e12;
const firstEpochSeconds = 1e9;

/**
 * A wait in any of the forms that providers use, as milliseconds from now: a number of seconds, a Unix time in seconds or
 * milliseconds, a span such as `1m30.5s`, an HTTP date, an RFC 3339 time. A time that has passed is 0.
 */
export function readWait(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined || value.length > longestWait) return undefined;
  const text = value.trim();
  if (text === '') return undefined;
  if (/^\d{1,15}(?:\.\d+)?$/.test(text)) return waitOfNumber(Number(text), nowMs);
  const span = readSpan(text);
  if (span !== undefined) return bounded(span);
  const date = isDate.test(text) ? text : oldDate(text);
  return date === undefined ? undefined : bounded(Math.max(0, Date.parse(date) - nowMs));
}

/** `Date.parse` finds a date in almost anything that ends in a number. */
const isDate =
  /^(?:\w{3}, \d{1,2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}))$/i;

/** The two older forms of a date in HTTP, which readers must accept (RFC 9110, 5.6.7), as the usual one. */
function oldDate(text: string): string | undefined {
  const [, , day, month, year, time] = /^(\w{6,9}), (\d{2})-(\w{3})-(\d{2}) (\d{2}:\d{2}:\d{2}) GMT$/.exec(text) ?? [];
  if (day !== undefined) return `Mon, ${day} ${month} 20${year} ${time} GMT`;
  const [, monthName, date, clock, fullYear] = /^\w{3} (\w{3}) ([ \d]\d) (\d{2}:\d{2}:\d{2}) (\d{4})$/.exec(text) ?? [];
  return date === undefined ? undefined : `Mon, ${date.trim()} ${monthName} ${fullYear} ${clock} GMT`;
}

function waitOfNumber(value: number, nowMs: number): number | undefined {
  if (value >= firstEpochMs) return bounded(Math.max(0, value - nowMs));
  return bounded(value >= firstEpochSeconds ? Math.max(0, value * 1000 - nowMs) : value * 1000);
}

const unit = /(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)/gi;

/** `1m30s`, `350ms`, `2 hours`, `6m0s`: all of the text, or undefined. Milliseconds. */
function readSpan(text: string): number | undefined {
  let total = 0;
  const rest = text.replaceAll(unit, (_, amount: string, name: string) => {
    total += Number(amount) * unitMs(name);
    return '';
  });
  return rest !== text && /^[\s,]*(?:and)?[\s,]*$/i.test(rest) ? Math.ceil(total) : undefined;
}

function unitMs(name: string): number {
  if (/^m(?:s|illi)/i.test(name)) return 1;
  if (/^s/i.test(name)) return 1000;
  if (/^m/i.test(name)) return 60_000;
  return /^h/i.test(name) ? 3_600_000 : 86_400_000;
}

/**
 * Names of body fields, in lower case without separators, that hold a wait: `retry_after`, `retryDelay`, `resets_in_seconds`,
 * `quotaResetTimeStamp`, `next_available_at`, `X-RateLimit-Reset`, Hugging Face's `estimated_time`. No word of a list is made of others
 * of it, or a long name could be read in countless ways.
 */
const waitField =
  /^(?:(?:x?ratelimit|quota|limit|usage|window|next)*(?:retry|resets?|wait|cooldown|available)(?:after|in|at|on|time|stamp|delay|date|for)*(seconds?|secs?|milliseconds?|ms|minutes?)?|estimatedtime)$/;

/** Of a field. Characters. */
const longestName = 100;

/** How long a unit is that the field's name states. Seconds are the usual one. Milliseconds. */
function unitOf(name: string | undefined): number {
  if (name === undefined) return 1000;
  return name.startsWith('mi') || name === 'ms' ? (name.startsWith('min') ? 60_000 : 1) : 1000;
}

/** How deep bodies are searched: OpenRouter's is at `error.metadata.headers["X-RateLimit-Reset"]`. */
const deepest = 8;

/**
 * The wait that an error's JSON body states in a field, as milliseconds from now: Google's RetryInfo (`retryDelay`),
 * `retry_after`, `resets_at`, OpenRouter's quoted headers. Of several the longest counts.
 */
export function readRetryBody(body: unknown, nowMs: number, depth = 0): number | undefined {
  if (depth > deepest) return undefined;
  // A gateway on the way may have quoted the provider's error as text.
  if (typeof body === 'string')
    return startsJson.test(body) ? readRetryBody(parseJson(body) ?? parseCutJson(body), nowMs, depth + 1) : undefined;
  if (typeof body !== 'object' || body === null) return undefined;
  const waits = Array.isArray(body)
    ? body.map((each) => readRetryBody(each, nowMs, depth + 1))
    : Object.entries(body).map(
        ([name, value]) => readField(name, value, nowMs) ?? readRetryBody(value, nowMs, depth + 1),
      );
  // One that is over says nothing: the refusal still holds (dirge#718).
  const known = waits.flatMap((wait) => (wait === undefined || wait === 0 ? [] : [wait]));
  return known.length > 0 ? Math.max(...known) : undefined;
}

const startsJson = /^\s*[[{]/;

function readField(name: string, value: unknown, nowMs: number): number | undefined {
  if (name.length > longestName) return undefined;
  const plain = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const match = waitField.exec(plain);
  // A bare word says nothing: `{available: 3}`.
  if (!match || /^(?:retry|wait|available|cooldown)$/.test(plain)) return undefined;
  if (isObject(value)) return readDuration(value);
  const text = textOf(value);
  const unitMs = unitOf(match[1]);
  const amount = unitMs === 1000 ? undefined : numberIn(text);
  return amount === undefined ? readWait(text, nowMs) : bounded(amount * unitMs);
}

/** A duration as Protobuf has it. */
function readDuration({ seconds, nanos }: Record<string, unknown>): number | undefined {
  const whole = numberIn(seconds);
  return whole === undefined ? undefined : bounded(whole * 1000 + (numberIn(nanos) ?? 0) / 1e6);
}

const spanInText =
  /\b(?:try again|retry|wait(?: for)?|available again|resets?|reset)\s*(?:in|after|for)?:?\s+(?:about |approximately )?((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])[\s,]*(?:and\s+)?)+)/i;
/** "请在 30 秒后重试", "请 30 秒后再试", "请等待 2 分钟". */
const spanInChinese = /(?:请在?|等待|稍等)\s*(\d{1,5}\s*(?:秒|分))/;
const dateInText =
  /\b(?:reset|resets|again|access|available|until|retry)\b[^.]{0,40}?\b(\d{4}-\d{2}-\d{2})(?:[ T]|,? at )(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})/i;

/**
 * The wait that a message states in words: "try again in 1.5s", "Please retry in 1m30s", "You will regain access on
 * 2027-01-01 at 00:00 UTC". A date without a zone is not believed. Milliseconds from now.
 */
export function readRetryText(message: string, nowMs: number): number | undefined {
  const [, inChinese] = spanInChinese.exec(message) ?? [];
  if (inChinese !== undefined)
    return bounded(Number(inChinese.replace(/\D+$/, '')) * (/分/.test(inChinese) ? 60_000 : 1000));
  const milliseconds = numberIn(/\bretry[_-]after[_-]ms["']?\s*[=:]\s*(\d{1,12})/i.exec(message)?.[1]);
  if (milliseconds !== undefined) return bounded(milliseconds);
  const span = spanInText.exec(message)?.[1];
  const spanMs = span === undefined ? undefined : readSpan(span.trim());
  if (spanMs !== undefined && spanMs > 0) return bounded(spanMs);
  const [, day, time, zone] = dateInText.exec(message) ?? [];
  if (day === undefined) return readClockTime(message, nowMs);
  const offset = zone && /^[+-]/.test(zone) ? zone : 'Z';
  const at = Date.parse(`${day}T${time}${offset}`);
  return Number.isNaN(at) ? undefined : bounded(Math.max(0, at - nowMs));
}

/** Waits that can't be are none: a number of 400 digits, a date in another century. */
export function bounded(milliseconds: number): number | undefined {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) return undefined;
  return Math.min(Math.ceil(milliseconds), longestMs);
}

export function numberIn(value: unknown): number | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d{1,15}(?:\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return textOf(value[0]);
  return typeof value === 'string' ? value : undefined;
}

const clockTime =
  /\bresets?(?: at)?\s+(?:([A-Z][a-z]{2}) (\d{1,2})(?:,? at)?,?\s+)?(\d{1,2})(?::(\d{2}))?\s*([ap]m)\s*\(([A-Za-z]+(?:\/[A-Za-z_+-]+)*)\)/i;
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** "You've hit your session limit · resets 4pm (Europe/Berlin)", "resets Oct 9 at 10:30am (UTC)". Milliseconds from now. */
function readClockTime(message: string, nowMs: number): number | undefined {
  const [, monthName, date, hours, minutes = '0', half = '', zone] = clockTime.exec(message) ?? [];
  const here = zone === undefined ? undefined : wallClock(nowMs, zone);
  if (here === undefined) return undefined;
  const wanted = new Date(here);
  wanted.setUTCHours((Number(hours) % 12) + (/p/i.test(half) ? 12 : 0), Number(minutes), 0, 0);
  if (monthName !== undefined) {
    const month = monthNames.indexOf(monthName.toLowerCase());
    if (month === -1) return undefined;
    wanted.setUTCMonth(month, Number(date));
    if (wanted.getTime() < here) wanted.setUTCFullYear(wanted.getUTCFullYear() + 1);
  } else if (wanted.getTime() < here) wanted.setUTCDate(wanted.getUTCDate() + 1);
  return bounded(wanted.getTime() - here);
}

/** What clocks in a zone show, as if it were UTC; undefined for a zone that there is not. */
function wallClock(nowMs: number, timeZone: string): number | undefined {
  try {
    const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(nowMs);
    return Date.parse(`${shown.replace(' ', 'T')}Z`);
  } catch {
    return undefined;
  }
}
