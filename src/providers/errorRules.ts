import type { ErrorKind } from '../canonical/errors.ts';
import type { ErrorRule } from '../canonical/providerError.ts';
import type { Statement } from './cite.ts';

/** For users: how an error of each kind is called. */
const kindNames: Partial<Record<ErrorKind, string>> = {
  auth: 'an invalid key',
  permission: 'no permission',
  quota: 'no credit or a used-up quota',
  'not-found': 'an unknown model',
  'context-length': 'a prompt longer than the context window',
  'invalid-request': 'an invalid request',
  unsupported: 'an unsupported feature',
  'rate-limited': 'a rate limit',
  overloaded: 'an overloaded provider',
  timeout: 'a timeout',
  upstream: 'a failed generation',
};

/**
 * What error codes mean at a provider. Bare numbers belong in its file: they mean something else elsewhere. `envelope` is the
 * error's `type`, if the codes count only inside that.
 */
export function errorCodes(
  kinds: Partial<Record<ErrorKind, readonly string[]>>,
  envelope?: string,
): Statement & ErrorRule {
  const entries = Object.entries(kinds) as [ErrorKind, readonly string[]][];
  const meanings = entries.map(
    ([kind, codes]) => `${codes.map((code) => `\`${code}\``).join(', ')}: ${kindNames[kind] ?? kind}`,
  );
  return {
    change: `Error codes${envelope ? ` in \`${envelope}\`` : ''}: ${meanings.join('; ')}.`,
    codes: Object.fromEntries(
      entries.flatMap(([kind, codes]) => codes.map((code) => [envelope ? `${envelope}:${code}` : code, kind])),
    ),
  };
}
