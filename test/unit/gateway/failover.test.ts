import { describe, expect, it } from 'vitest';
import { GatewayError, type ErrorKind } from '../../../src/canonical/errors.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { OpenReply } from '../../../src/gateway/attempt.ts';
import {
  openAnswer,
  retriesOf,
  type AttemptPlan,
  type AttemptRecord,
  type Opened,
} from '../../../src/gateway/failover.ts';
import { createHealth } from '../../../src/routing/health.ts';
import type { Target } from '../../../src/routing/route.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const config = configSchema.parse({
  Providers: [
    { name: 'a', api_base_url: 'http://a/v1', models: ['m'] },
    { name: 'b', api_base_url: 'http://b/v1', models: ['m'] },
    { name: 'long', api_base_url: 'http://long/v1', models: ['m'] },
  ],
  Router: {
    default: 'a,m',
    think: 'b,m',
    longContext: 'long,m',
    tierRetries: {
      'tier-0': { max_retries: 2, base_backoff_ms: 100, backoff_multiplier: 2, max_backoff_ms: 150 },
      b: { max_retries: 0 },
    },
  },
});

const a: Target = { provider: 'a', model: 'm', tier: 'a' };
const b: Target = { provider: 'b', model: 'm', tier: 'b' };

const answer: OpenReply = { untouched: false, next: () => Promise.resolve(undefined), close: () => undefined };
const failure = (kind: ErrorKind, retryAfterMs?: number): GatewayError =>
  new GatewayError(kind, `${kind}!`, { retryAfterMs });

/** Asks with a script of outcomes, and reports when each question was asked. */
async function run(targets: Target[], script: (GatewayError | OpenReply)[], controller = new AbortController()) {
  const clock = createFakeClock(0);
  const health = createHealth();
  const asked: string[] = [];
  const records: AttemptRecord[] = [];
  const warnings: string[] = [];
  const input = {
    config,
    targets,
    signal: controller.signal,
    keys: () => [],
    chooseKey: () => undefined,
    sendAttempt({ target }: AttemptPlan) {
      asked.push(`${target.provider}@${clock.now()}`);
      const outcome = script.shift();
      if (!outcome) throw new Error('The script has no outcome for this attempt.');
      return outcome instanceof GatewayError ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    onAttempt: (record: AttemptRecord) => void records.push(record),
    warn: (message: string) => void warnings.push(message),
  };
  const done = openAnswer(input, { clock, health, random: () => 1 }).then(
    (opened: Opened) => ({ opened, error: undefined }),
    (error: unknown) => ({ opened: undefined, error: error as GatewayError }),
  );
  while (await clock.next());
  return { ...(await done), asked, records, warnings, health, clock };
}

describe('retriesOf', () => {
  it('counts by place, then by name, then by default, whatever a tier is called', () => {
    const most = (tier: string, provider = 'other'): number =>
      retriesOf(config, { provider, model: 'm', tier }).max_retries;
    expect([most('a', 'a'), most('b', 'b'), most('other'), most('constructor')]).toEqual([2, 0, 3, 3]);
  });
});

describe('openAnswer', () => {
  it('asks the same target again with growing waits, then answers', async () => {
    const { opened, asked, records } = await run([a, b], [failure('connection'), failure('upstream'), answer]);
    expect(asked).toEqual(['a@0', 'a@100', 'a@250']);
    expect(opened).toMatchObject({ target: a, attempt: 3 });
    expect(records.map(({ error }) => error?.kind)).toEqual(['connection', 'upstream', undefined]);
  });

  it('goes on to the next target when the retries of its tier are used up', async () => {
    const { opened, asked } = await run([a, b], [failure('timeout'), failure('empty'), failure('protocol'), answer]);
    expect(asked).toEqual(['a@0', 'a@100', 'a@250', 'b@250']);
    expect(opened?.target).toEqual(b);
  });

  it.each(['rate-limited', 'auth', 'permission', 'not-found', 'overloaded'] as const)(
    'leaves a target alone at once after %s, and says so',
    async (kind) => {
      const { opened, asked, warnings, health } = await run([a, b], [failure(kind), answer]);
      expect(asked).toEqual(['a@0', 'b@0']);
      expect(opened?.target).toEqual(b);
      expect(health.isOnCooldown(a, 5_000)).toBe(true);
      expect(warnings[0]).toContain('a,m');
    },
  );

  it('cools down for as long as the provider says', async () => {
    const { health } = await run([a, b], [failure('rate-limited', 30_000), answer]);
    expect([health.isOnCooldown(a, 29_999), health.isOnCooldown(a, 30_000)]).toEqual([true, false]);
  });

  it('goes on without a cool-down when the model lacks a feature', async () => {
    const { asked, health } = await run([a, b], [failure('unsupported'), answer]);
    expect(asked).toEqual(['a@0', 'b@0']);
    expect(health.isOnCooldown(a, 1)).toBe(false);
  });

  it("shows the client's own mistake at once", async () => {
    const { asked, error } = await run([a, b], [failure('invalid-request')]);
    expect(asked).toEqual(['a@0']);
    expect(error).toMatchObject({ kind: 'invalid-request', message: 'a,m refused the request: invalid-request!' });
  });

  it('takes a conversation that is too long to longContext alone, once', async () => {
    const first = await run([a, b], [failure('context-length'), answer]);
    expect(first.asked).toEqual(['a@0', 'long@0']);
    const second = await run([a, b], [failure('context-length'), failure('context-length')]);
    expect(second.asked).toEqual(['a@0', 'long@0']);
    expect(second.error).toMatchObject({ kind: 'context-length' });
  });

  it.each(['rate-limited', 'invalid-request', 'auth'] as const)(
    'stays too long for the client when longContext fails with %s',
    async (kind) => {
      const { error, asked } = await run([a, b], [failure('context-length'), failure(kind, 5_000)]);
      expect(asked).toEqual(['a@0', 'long@0']);
      expect(error).toMatchObject({
        kind: 'context-length',
        message: `No provider could answer. a,m: context-length! | long,m: ${kind}!`,
      });
      expect(error?.details.retryAfterMs).toBeUndefined();
    },
  );

  it('names every target and its own words when none answers', async () => {
    const { error } = await run([a, b], [failure('auth'), failure('upstream')]);
    expect(error).toMatchObject({ kind: 'upstream', message: 'No provider could answer. a,m: auth! | b,m: upstream!' });
  });

  it('keeps the kind that all failures share, and the soonest time to come back', async () => {
    const { error } = await run([a, b], [failure('rate-limited', 9_000), failure('rate-limited', 4_000)]);
    expect(error).toMatchObject({ kind: 'rate-limited', details: { retryAfterMs: 4_000 } });
  });

  it('stops at once when the client goes away', async () => {
    const controller = new AbortController();
    const gone = new Error('gone');
    const script = [failure('connection'), answer];
    const pending = run([a], script, controller);
    controller.abort(gone);
    const { error, asked } = await pending;
    expect(error).toBe(gone);
    expect(asked).toHaveLength(1);
  });
});
