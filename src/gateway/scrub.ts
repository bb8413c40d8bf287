import { GatewayError } from '../canonical/errors.ts';
import { redact } from '../canonical/providerError.ts';

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

/** Finds `secrets` in each form that may be quoted: written in any way, partly redacted, and truncated. */
export function createScrub(secrets: readonly string[]): Scrub {
  const readable = longestFirst(secrets.flatMap((secret) => [...plainWritings(secret), ...redactedWritings(secret)]));
  const whole = longestFirst([...readable, ...secrets.flatMap(encodedWritings)]);
  return (text) => {
    const rest = whole.reduce((left, secret) => left.replaceAll(secret, mark), text);
    return readable.reduce(withoutBeginning, rest);
  };
}

function longestFirst(written: readonly string[]): string[] {
  const unique = [...new Set(written)].filter((each) => each !== mark && each.length >= shortestPart);
  return unique.toSorted((a, b) => b.length - a.length);
}

/** A secret as it is, URL-encoded, in JSON, as hexadecimal digits, and as Base64 with any bytes around it. */
export function writingsOf(secret: string): string[] {
  return [...plainWritings(secret), ...encodedWritings(secret)];
}

function plainWritings(secret: string): string[] {
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

function redactedWritings(secret: string): string[] {
  return [redact(secret), redact(`Bearer ${secret}`).replace(/^Bearer /, '')];
}

function encodedWritings(secret: string): string[] {
  // A header's value is sent in one of the two.
  return (['utf8', 'latin1'] as const).flatMap((encoding) => {
    const bytes = Buffer.from(secret, encoding);
    const hex = bytes.toString('hex');
    const base64 = [0, 1, 2].flatMap((shift) => {
      const digits = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
      // The first and the last digits depend on what is around it.
      const own = digits.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3));
      return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
    });
    return [hex, hex.toUpperCase(), ...base64];
  });
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

/** Also drops the cause of an error that had a secret: its message has it too. */
export function scrubError(error: GatewayError, scrub: Scrub): GatewayError {
  const message = scrub(error.message);
  const { cause: _, code, param, ...details } = error.details;
  const [cleanCode, cleanParam] = [code, param].map((text) => text && scrub(text));
  if (message === error.message && cleanCode === code && cleanParam === param) return error;
  return new GatewayError(error.kind, message, { ...details, code: cleanCode, param: cleanParam });
}
