import { GatewayError, toGatewayError } from '../canonical/errors.ts';
import type { Delta } from '../canonical/events.ts';
import { redact } from '../canonical/providerError.ts';
import type { ReplySource } from './replySource.ts';

/** Replaces secrets in a text by a mark. */
export type Scrub = (text: string) => string;

/** Shorter beginnings of a secret could be ordinary text. Characters. */
const shortestPart = 6;
const mark = '[key]';

/** Shorter ones are placeholders such as "none". Characters. */
export const shortestSecret = 8;

/** Keys that a client sends along, without the scheme before them. */
export function clientSecrets(headers: Readonly<Record<string, string | undefined>>): string[] {
  const sent = [headers['authorization'], headers['x-api-key'], headers['api-key'], headers['cookie']];
  return sent
    .flatMap((value) => value?.replace(/^[a-z-]+\s+(?=\S+$)/i, '') ?? [])
    .filter(({ length }) => length >= shortestSecret);
}

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

/** Removes secrets from a reply's errors: providers quote the key that they reject. The model's text is unchanged. */
export function scrubReply<Source extends ReplySource>(source: Source, scrub: Scrub): Source {
  return {
    ...source,
    next: () =>
      source.next().then(
        (batch) =>
          batch?.deltas.some(isError)
            ? { ...batch, deltas: batch.deltas.map((delta) => scrubDelta(delta, scrub)) }
            : batch,
        (thrown: unknown) => {
          throw scrubError(toGatewayError(thrown), scrub);
        },
      ),
  };
}

function isError({ type }: Delta): boolean {
  return type === 'error';
}

function scrubDelta(delta: Delta, scrub: Scrub): Delta {
  return delta.type === 'error' ? { type: 'error', error: scrubError(delta.error, scrub) } : delta;
}

/** Also drops the cause of an error that had a secret: its message has it too. */
export function scrubError(error: GatewayError, scrub: Scrub): GatewayError {
  const message = scrub(error.message);
  const { cause: _, code, param, ...details } = error.details;
  const [cleanCode, cleanParam] = [code, param].map((text) => text && scrub(text));
  if (message === error.message && cleanCode === code && cleanParam === param) return error;
  return new GatewayError(error.kind, message, { ...details, code: cleanCode, param: cleanParam });
}
