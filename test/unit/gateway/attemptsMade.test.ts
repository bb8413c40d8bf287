// What failover records and learns of each attempt, and what its errors say.
import { describe, expect, it } from 'vitest';
import { GatewayError, type ErrorDetails, type ErrorKind } from '../../../src/canonical/errors.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { OpenReply } from '../../../src/gateway/attempt.ts';
import { interruptedBy } from '../../../src/gateway/failure.ts';
import { openAnswer, type AttemptPlan, type FailoverInput, type Opened } from '../../../src/gateway/failover.ts';
import type { PoolKey } from '../../../src/gateway/keyPool.ts';
import type { AttemptRecord } from '../../../src/gateway/recordedAttempt.ts';
import { createHealth } from '../../../src/routing/health.ts';
import type { Target } from '../../../src/routing/route.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const config = configSchema.parse({
  Providers: ['a', 'b', 'long'].map((name) => ({
    name,
    api_base_url: `http://${name}/v1`,
    models: ['m'],
    ...(name === 'long' && { tier_name: 'big' }),
  })),
  Router: {
    default: 'a,m',
    longContext: 'long,m',
    tierRetries: { a: { max_retries: 2, base_backoff_ms: 100 }, big: { max_retries: 1, base_backoff_ms: 10 } },
  },
});

const a: Target = { provider: 'a', model: 'm', tier: 'a' };
const b: Target = { provider: 'b', model: 'm', tier: 'b' };
const answer: OpenReply = { untouched: false, next: () => Promise.resolve(undefined), close: () => undefined };
const failure = (kind: ErrorKind, details: ErrorDetails = {}): GatewayError =>
  new GatewayError(kind, `${kind}!`, details);
const keyOf = (place: number, of: number): PoolKey => ({ id: `k${place}`, text: `key-${place}`, place, of });

type Outcome = GatewayError | OpenReply | (() => GatewayError);

/** Fails over through a script of outcomes, each of which takes 40 ms. */
async function run(
  script: Outcome[],
  changes: Partial<FailoverInput> = {},
  prepare?: (health: ReturnType<typeof createHealth>) => void,
) {
  const clock = createFakeClock(1_000);
  const health = createHealth();
  prepare?.(health);
  const records: AttemptRecord[] = [];
  const warnings: string[] = [];
  const plans: AttemptPlan[] = [];
  const input: FailoverInput = {
    config,
    targets: [a],
    signal: new AbortController().signal,
    keys: () => [],
    chooseKey: (_target, keys, tried) => keys.find(({ id }) => !tried.has(id)),
    async sendAttempt(plan) {
      plans.push(plan);
      if (plans.length > 50) throw new GatewayError('invalid-request', 'There are too many attempts.');
      await new Promise<void>((resolve) => clock.after(40, resolve));
      const next = script.shift() ?? failure('internal');
      const outcome = typeof next === 'function' ? next() : next;
      if (outcome instanceof GatewayError) throw outcome;
      return outcome;
    },
    onAttempt: (record) => void records.push(record),
    isCold: () => false,
    explain: (error) => error.message,
    onPassedOver: () => undefined,
    warn: (message) => void warnings.push(message),
    ...changes,
  };
  const done = openAnswer(input, { clock, health, random: () => 1 }).then(
    (opened: Opened) => ({ opened, error: undefined }),
    (error: unknown) => ({ opened: undefined, error: error as GatewayError }),
  );
  while (await clock.next());
  return { ...(await done), records, warnings, plans, health };
}

describe('an attempt', () => {
  it('is recorded with the time that it took, whether it fails or not', async () => {
    const { records } = await run([failure('timeout'), answer]);
    expect(records).toEqual([
      { target: 'a,m', startedAt: 1000, durationMs: 40, error: { kind: 'timeout', message: 'timeout!' } },
      { target: 'a,m', startedAt: 1140, durationMs: 40 },
    ]);
  });

  it('is recorded with its key if the provider has several', async () => {
    const one = await run([answer], { keys: () => [keyOf(1, 1)] });
    expect(one.records[0]).not.toHaveProperty('key');
    const two = await run([failure('auth'), answer], { keys: () => [keyOf(1, 2), keyOf(2, 2)] });
    expect(two.records.map(({ key }) => key)).toEqual([1, 2]);
  });

  it('that is retried keeps its key', async () => {
    const places = [2, 1, 2, 1];
    const chooseKey: FailoverInput['chooseKey'] = (_target, keys) => keys[(places.shift() ?? 1) - 1];
    const { plans } = await run([failure('connection'), failure('timeout'), answer], {
      keys: () => [keyOf(1, 2), keyOf(2, 2)],
      chooseKey,
    });
    expect(plans.map(({ key }) => key?.place)).toEqual([2, 2, 2]);
  });

  it('that the client has left is not recorded, and does not count as a failure of the target', async () => {
    const controller = new AbortController();
    const gone = new Error('gone');
    const leaving = (): GatewayError => {
      controller.abort(gone);
      return failure('connection');
    };
    const { error, records, health } = await run([leaving], { signal: controller.signal });
    expect(error).toBe(gone);
    expect([records, health.samples(a)]).toEqual([[], 0]);
  });
});

describe("a target's latency", () => {
  it('is learnt from an answer', async () => {
    const { health } = await run([answer]);
    expect([health.latencyMs(a), health.samples(a)]).toEqual([40, 1]);
  });

  it.each(['connection', 'timeout', 'auth', 'overloaded', 'rate-limited'] as const)(
    'gets worse by %s, which another request may meet too',
    async (kind) => {
      const { health } = await run([failure(kind), answer], { targets: [a, b] });
      expect(health.latencyMs(a)).toBeGreaterThan(500);
    },
  );

  it.each(['unsupported', 'context-length', 'invalid-request'] as const)(
    'is not changed by %s, which is about the request',
    async (kind) => {
      const { health } = await run([failure(kind), answer], { targets: [a, b] });
      expect(health.samples(a)).toBe(0);
    },
  );
});

describe('the only key of a provider', () => {
  it('is not called a pool', async () => {
    const { error, warnings } = await run([failure('auth')], { keys: () => [keyOf(1, 1)] });
    expect(warnings).toEqual(['a,m is on cooldown for 60 s: auth!']);
    expect(error).toMatchObject({ kind: 'auth', message: 'a,m: auth!' });
  });
});

describe('the keys of a pool', () => {
  const pool = { keys: () => [keyOf(1, 2), keyOf(2, 2)] };
  const first: FailoverInput['chooseKey'] = (_target, keys, tried) => (tried.size === 0 ? keys[0] : undefined);

  it('that were known to be rate-limited are named, and say how long to wait', async () => {
    const limited = { scope: 'target', untilMs: 9_000, isLimit: true } as const;
    const { error } = await run(
      [failure('auth', { status: 401, code: 'x' })],
      { ...pool, chooseKey: first },
      (health) => health.coolDownKey(a, 'k2', limited),
    );
    expect(error).toMatchObject({
      kind: 'rate-limited',
      message: 'a,m: None of its keys can be used now. key 1: auth!; key 2 is rate-limited for 8 s',
      details: { retryAfterMs: 7_960 },
    });
    expect(error?.details).not.toHaveProperty('code');
  });

  it('that failed are named once, with what the rate-limited one said', async () => {
    const script = [failure('auth', { code: 'x' }), failure('rate-limited', { code: 'slow', retryAfterMs: 5_000 })];
    const { error } = await run(script, pool);
    expect(error).toMatchObject({
      kind: 'rate-limited',
      message: 'a,m (2 attempts): None of its keys can be used now. key 1: auth!; key 2: rate-limited!',
      details: { code: 'slow', retryAfterMs: 5_000 },
    });
  });

  it('that are all rate-limited keep what the first said, and the shorter wait', async () => {
    const script = [
      failure('rate-limited', { code: 'first', retryAfterMs: 9_000 }),
      failure('rate-limited', { code: 'second', retryAfterMs: 5_000 }),
    ];
    const { error } = await run(script, pool);
    expect(error).toMatchObject({ kind: 'rate-limited', details: { code: 'first', retryAfterMs: 5_000 } });
  });

  it('that are all invalid keep what was said of the last, and nothing says to wait', async () => {
    const { error } = await run([failure('auth', { code: 'x' }), failure('auth', { code: 'y' })], pool);
    expect(error).toMatchObject({ kind: 'auth', details: { code: 'y' } });
    expect(error?.details.retryAfterMs).toBeUndefined();
  });

  it('whose limit has ended are not named', async () => {
    const { error } = await run([failure('auth')], { ...pool, chooseKey: first }, (health) =>
      health.coolDownKey(a, 'k2', { scope: 'target', untilMs: 1_040, isLimit: true }),
    );
    expect(error).toMatchObject({ kind: 'auth', message: 'a,m: auth!' });
  });
});

describe('the error of all attempts', () => {
  it('has the kind and the count of a single target', async () => {
    const { error } = await run([failure('timeout'), failure('timeout'), failure('timeout')]);
    expect(error).toMatchObject({ kind: 'timeout', message: 'a,m (3 attempts): timeout!' });
    const { error: second } = await run([failure('timeout'), failure('auth')]);
    expect(second?.message).toBe('a,m (2 attempts): auth!');
  });

  it('names a target once whose message begins with its name', async () => {
    const said = (words: string): GatewayError => new GatewayError('timeout', words);
    const script = ['a,m sent nothing.', 'a,m sent nothing.', 'a,m sent nothing.'].map(said);
    expect((await run(script)).error?.message).toBe('a,m (3 attempts) sent nothing.');
    const others = ['Not a,m ', 'Not a,m ', 'Not a,m '].map(said);
    expect((await run(others)).error?.message).toBe('a,m (3 attempts): Not a,m ');
  });

  it('says when a limit ends, not when an account gets its next allowance', async () => {
    const script = [failure('quota', { retryAfterMs: 1_000 }), failure('rate-limited', { retryAfterMs: 5_000 })];
    const { error } = await run(script, { targets: [a, b] });
    expect(error).toMatchObject({ kind: 'rate-limited', details: { retryAfterMs: 5_000 } });
  });

  it('says when the first account gets its allowance if all have used theirs up', async () => {
    const script = [failure('quota', { retryAfterMs: 9_000 }), failure('quota', { retryAfterMs: 8_000 })];
    const { error } = await run(script, { targets: [a, b] });
    expect(error).toMatchObject({ kind: 'quota', details: { retryAfterMs: 8_000 } });
  });

  it('says that there was no target', async () => {
    const { error } = await run([], { targets: [] });
    expect(error).toMatchObject({ kind: 'internal', message: 'No target was tried.' });
  });

  it.each(['internal', 'cancelled'] as const)('is %s as it is, and no other target is tried', async (kind) => {
    const { error, plans } = await run([failure(kind), answer], { targets: [a, b] });
    expect(error).toMatchObject({ kind, message: `${kind}!` });
    expect(plans).toHaveLength(1);
  });
});

it('asks longContext as often as its own tier says', async () => {
  const { opened, plans } = await run([failure('context-length'), failure('timeout'), answer], { targets: [a, b] });
  expect(plans.map(({ target }) => target.provider)).toEqual(['a', 'long', 'long']);
  expect(opened).toMatchObject({ target: { provider: 'long', tier: 'big' }, attempt: 3 });
  const twice = await run([failure('context-length'), failure('timeout'), failure('timeout')]);
  expect(twice.plans).toHaveLength(3);
});

describe('what interrupts an answer', () => {
  it('is named with the target, and keeps its kind', () => {
    expect(interruptedBy(failure('timeout', { stage: 'idle' }), a)).toMatchObject({
      kind: 'timeout',
      message: 'a,m: timeout!',
      details: { stage: 'idle' },
    });
  });

  it.each([failure('cancelled'), new TypeError('a defect')])('stays as it is: %s', (thrown) => {
    expect(interruptedBy(thrown, a)).toBe(thrown);
  });
});
