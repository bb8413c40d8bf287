import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { parseJson } from '../canonical/json.ts';
import { redact } from '../canonical/providerError.ts';
import type { SseFrame } from '../sse.ts';
import type { Batch } from './batcher.ts';
import type { ReplySource } from './replySource.ts';

/** Replaces secrets in a text by a mark. */
export type Scrub = (text: string) => string;

/** Shorter beginnings of a secret could be ordinary text. Characters. */
const shortestPart = 6;
const mark = '[key]';

/** Finds `secrets` in each form that may be quoted: as they are, URL-encoded, in JSON, partly redacted, and truncated. */
export function createScrub(secrets: readonly string[]): Scrub {
  const written = [...new Set(secrets.flatMap(writings))].filter(
    (each) => each !== mark && each.length >= shortestPart,
  );
  const whole = written.toSorted((a, b) => b.length - a.length);
  return (text) => {
    const rest = whole.reduce((left, secret) => left.replaceAll(secret, mark), text);
    return whole.reduce(withoutBeginning, rest);
  };
}

function writings(secret: string): string[] {
  const redacted = [redact(secret), redact(`Bearer ${secret}`).replace(/^Bearer /, '')];
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...redacted];
}

/** A truncated text may end in the middle of a secret. */
function withoutBeginning(text: string, secret: string): string {
  let rest = text;
  for (let length = secret.length - 1; length >= shortestPart; length--) {
    const beginning = secret.slice(0, length);
    rest = rest.replaceAll(`${beginning}…`, `${mark}…`);
    if (rest.endsWith(beginning)) rest = rest.slice(0, -length) + mark;
  }
  return rest;
}

/** Finds out whether a text holds a secret that the client does not know: fast enough for every frame of a stream. */
export type Detect = (text: string) => boolean;

/**
 * Detects whole secrets, as they are or as JSON has them. A secret in the client's own request is none to it: a model that
 * edits the user's config must be able to write the key. `said` is the request's text, read only if a secret is found.
 */
export function createDetector(secrets: readonly string[], said: () => string): Detect {
  const written = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))];
  const shortest = Math.min(...written.map(({ length }) => length));
  return (text) =>
    text.length >= shortest && written.some((secret) => text.includes(secret) && !said().includes(secret));
}

/**
 * Removes secrets from a reply: from its errors, since providers quote the key that they reject, and from everything that
 * holds a whole secret as `detect` finds it, such as a field in which a provider repeats the request's headers.
 */
export function scrubReply<Source extends ReplySource & { json?: unknown }>(
  source: Source,
  scrub: Scrub,
  detect: Detect,
): Source {
  return {
    ...source,
    ...(source.json !== undefined && { json: scrubJson(source.json, scrub, detect) }),
    next: () =>
      source.next().then(
        (batch) => batch && scrubBatch(batch, scrub, detect),
        (thrown: unknown) => {
          throw scrubError(toGatewayError(thrown), scrub);
        },
      ),
  };
}

function scrubBatch(batch: Batch, scrub: Scrub, detect: Detect): Batch {
  const { deltas, frames } = batch;
  const isClean =
    !deltas.some((delta) => delta.type === 'error' || quotes(delta, detect)) &&
    !frames.some((frame) => 'data' in frame && detect(frame.data));
  if (isClean) return batch;
  return {
    ...batch,
    deltas: deltas.map((delta) => scrubDelta(delta, scrub, detect)),
    frames: frames.map((frame) => scrubFrame(frame, scrub, detect)),
  };
}

/** Looks at the texts of a delta that are not an error. */
function quotes(delta: Delta, detect: Detect): boolean {
  for (const name in delta) {
    const value: unknown = delta[name as keyof Delta];
    if (typeof value === 'string' ? detect(value) : isPlain(value) && detect(JSON.stringify(value))) return true;
  }
  return false;
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

function scrubDelta(delta: Delta, scrub: Scrub, detect: Detect): Delta {
  if (delta.type === 'error') return { type: 'error', error: scrubError(delta.error, scrub) };
  return quotes(delta, detect) ? (scrubJson(delta, scrub, detect) as Delta) : delta;
}

/**
 * Only what holds a whole secret: a model's text may end as a secret begins. What a frame was read as, and its own text, are not
 * those of the scrubbed one.
 */
function scrubFrame(frame: SseFrame, scrub: Scrub, detect: Detect): SseFrame {
  if ('comment' in frame || !detect(frame.data)) return frame;
  return { event: frame.event, data: scrub(frame.data) };
}

/** The same value if it holds no secret. */
function scrubJson(value: unknown, scrub: Scrub, detect: Detect): unknown {
  const text = JSON.stringify(value);
  return detect(text) ? (parseJson(scrub(text)) ?? {}) : value;
}

/** Also drops the cause of an error that had a secret: its message has it too. */
export function scrubError(error: GatewayError, scrub: Scrub): GatewayError {
  const message = scrub(error.message);
  const { cause: _, code, param, ...details } = error.details;
  const [cleanCode, cleanParam] = [code, param].map((text) => text && scrub(text));
  if (message === error.message && cleanCode === code && cleanParam === param) return error;
  return new GatewayError(error.kind, message, { ...details, code: cleanCode, param: cleanParam });
}
