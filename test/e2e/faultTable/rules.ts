import type { ErrorKind } from '../../../src/canonical/errors.ts';
import type { DialectId } from '../../../src/canonical/request.ts';

// docs/reference/contract.md, "Attempts, failover, time", for the table of faults: stated once here, apart from the code.

/** What a fault comes to: an answer anyway, an error before the first content, or one that interrupts the answer. */
export type Meaning = 'answer' | 'interrupted' | { kind: ErrorKind; says?: string };

type Rule = { verdict: 'same' | 'next' | 'shown'; status: number; claudeCode: number; codex: 'status' | 'stream' };

const next = { verdict: 'next', codex: 'stream' } as const;
const same = { verdict: 'same', status: 502, claudeCode: 529, codex: 'stream' } as const;
const shown = { verdict: 'shown', status: 400, claudeCode: 400, codex: 'status' } as const;

const rules: Record<Exclude<ErrorKind, 'stopped' | 'cancelled' | 'internal'>, Rule> = {
  'invalid-request': shown,
  'context-length': shown,
  'too-large': { ...shown, status: 413, claudeCode: 413 },
  unsupported: { ...next, status: 400, claudeCode: 400, codex: 'status' },
  auth: { ...next, status: 401, claudeCode: 403 },
  quota: { ...next, status: 403, claudeCode: 402 },
  permission: { ...next, status: 403, claudeCode: 403 },
  'not-found': { ...next, status: 404, claudeCode: 404 },
  'rate-limited': { ...next, status: 429, claudeCode: 429, codex: 'status' },
  overloaded: { ...next, status: 503, claudeCode: 529 },
  timeout: { ...same, status: 504 },
  connection: same,
  upstream: same,
  protocol: same,
  empty: same,
};

export function ruleOf(kind: ErrorKind): Rule {
  if (kind === 'stopped' || kind === 'cancelled' || kind === 'internal')
    throw new Error(`A provider can't cause the error "${kind}".`);
  return rules[kind];
}

/** `asked`: how often the first and the second target are asked. `status` 0: an error within an open stream. */
export type Expected = { asked: [number, number]; status: number; isError: boolean };

/** Each target may be asked twice. */
export function expect(meaning: Meaning, client: DialectId, stream: boolean, tiers: number): Expected {
  if (meaning === 'answer') return { asked: [1, 0], status: 200, isError: false };
  if (meaning === 'interrupted') return { asked: [1, 0], status: 200, isError: true };
  const { verdict, status, claudeCode, codex } = ruleOf(meaning.kind);
  const first = verdict === 'same' ? 2 : 1;
  if (tiers === 2 && verdict !== 'shown') return { asked: [first, 1], status: 200, isError: false };
  const asCodex = codex === 'stream' && stream ? 200 : codex === 'status' && verdict !== 'next' ? 400 : status;
  const statuses = { 'openai-chat': status, 'openai-responses': asCodex, 'anthropic-messages': claudeCode };
  return { asked: [first, 0], status: statuses[client], isError: true };
}

/** For the documentation. */
export function describe(meaning: Meaning): [client: string, gateway: string] {
  if (meaning === 'answer') return ['the answer', 'reads it anyway'];
  if (meaning === 'interrupted') return ['an error at the end of the stream', 'ends the answer, without another attempt'];
  const { verdict, status, claudeCode, codex } = ruleOf(meaning.kind);
  const forCodex = codex === 'stream' ? '`response.failed`' : status === 413 ? '400' : String(status);
  return [
    `${status}; Codex: ${forCodex}; Claude Code: ${claudeCode}`,
    { same: 'retries the same target, then the next one', next: 'tries the next target', shown: 'shows it to the client' }[verdict],
  ];
} // prettier-ignore
