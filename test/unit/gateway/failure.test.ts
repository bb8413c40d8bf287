import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { GatewayError, type ErrorKind } from '../../../src/canonical/errors.ts';
import { cooldownMs, judge, keyScope, type Verdict } from '../../../src/gateway/failure.ts';
import { waitText } from '../../../src/gateway/waitText.ts';
import { table, withSections } from '../../support/markdown.ts';

const page = path.join(import.meta.dirname, '../../../docs/how-to-add-a-provider.md');

/** What each kind says of a provider's answer; undefined for those that only CCR itself finds. */
const meanings: Record<ErrorKind, string | undefined> = {
  auth: 'the key is invalid',
  permission: 'no permission for this',
  quota: 'no credit, an unpaid bill or a used-up quota: waiting does not help',
  'rate-limited': 'a limit that passes by itself',
  overloaded: 'the provider is too busy',
  'not-found': 'the model or the URL does not exist',
  unsupported: 'this provider or model lacks a feature',
  'context-length': 'longer than the context window',
  'too-large': 'the body has too many bytes',
  'invalid-request': 'a mistake that every provider would refuse',
  connection: 'no connection',
  timeout: 'no answer in time',
  upstream: 'the provider failed',
  protocol: 'an answer that is not of its protocol',
  empty: 'an answer without content',
  stopped: undefined,
  cancelled: undefined,
  internal: undefined,
};

const nextTargets: Record<Verdict, string> = {
  'next-target': 'at once',
  'same-target': 'after retries of this one',
  'long-context': 'only `Router.longContext`',
  'give-up': 'none: the client gets the error',
};

const nextKeys = {
  target: 'yes: this one failed for this model',
  provider: 'yes: this one failed for all models',
};

function rowOf([kind, meaning]: [string, string]): string[] {
  const error = new GatewayError(kind as ErrorKind, '');
  const scope = keyScope(error.kind);
  return [`\`${kind}\``, meaning, scope ? nextKeys[scope] : 'no', nextTargets[judge(error.kind)], cooldownCell(error)];
}

function cooldownCell({ kind }: GatewayError): string {
  const ms = cooldownMs(new GatewayError(kind, ''));
  if (ms === undefined) return 'none';
  const longer = cooldownMs(new GatewayError(kind, '', { retryAfterMs: 2 * ms }));
  const shorter = cooldownMs(new GatewayError(kind, '', { retryAfterMs: 1 }));
  const stated =
    longer === ms ? '' : shorter === ms ? 'as the provider says, at least ' : 'as the provider says, else ';
  return `${stated}${waitText(ms, 0).replace('for ', '')}`;
}

it('docs/how-to-add-a-provider.md has what each kind of error leads to (UPDATE=1 rewrites it)', () => {
  const rows = Object.entries(meanings).filter((row): row is [string, string] => row[1] !== undefined);
  const kinds = table(['Kind', 'Meaning', 'Next key', 'Next target', 'Cooldown'], rows.map(rowOf));
  const stated = withSections(readFileSync(page, 'utf8'), { kinds });
  if (process.env['UPDATE'] === '1') writeFileSync(page, stated);
  expect(readFileSync(page, 'utf8')).toBe(stated);
});
