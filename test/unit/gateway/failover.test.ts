import { describe, expect, it } from 'vitest';
import { GatewayError, type ErrorKind } from '../../../src/canonical/errors.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { OpenReply } from '../../../src/gateway/attempt.ts';
import {
  openAnswer,
  retriesOf,
  type AttemptPlan,
  type FailoverInput,
  type Opened,
} from '../../../src/gateway/failover.ts';
import type { PoolKey } from '../../../src/gateway/keyPool.ts';
import type { AttemptRecord } from '../../../src/gateway/recordedAttempt.ts';
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

/** Fails over through a script of outcomes, and reports the time of each attempt. `random` decides the jitter. */
async function run(
  targets: Target[],
  script: (GatewayError | OpenReply)[],
  controller = new AbortController(),
  random = 1,
  health = createHealth(),
) {
  const clock = createFakeClock(0);
  const attempted: string[] = [];
  const records: AttemptRecord[] = [];
  const warnings: string[] = [];
  const passedOver: string[] = [];
  const input = {
    config,
    targets,
    signal: controller.signal,
    keys: () => [],
    chooseKey: () => undefined,
    sendAttempt({ target }: AttemptPlan) {
      attempted.push(`${target.provider}@${clock.now()}`);
      const outcome = script.shift();
      if (!outcome) throw new Error('The script has no outcome for this attempt.');
      return outcome instanceof GatewayError ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    onAttempt: (record: AttemptRecord) => void records.push(record),
    isCold: () => false,
    explain: (error: GatewayError) => error.message,
    onPassedOver: (target: Target) => void passedOver.push(target.provider),
    warn: (message: string) => void warnings.push(message),
  };
  const done = openAnswer(input, { clock, health, random: () => random }).then(
    (opened: Opened) => ({ opened, error: undefined }),
    (error: unknown) => ({ opened: undefined, error: error as GatewayError }),
  );
  while (await clock.next());
  return { ...(await done), attempted, records, warnings, passedOver, health, clock };
}

describe('retriesOf', () => {
  it('go by the place of a tier, then by its name, then by default, whatever it is called', () => {
    const most = (tier: string, provider = 'other'): number =>
      retriesOf(config, { provider, model: 'm', tier }).max_retries;
    expect([most('a', 'a'), most('b', 'b'), most('other'), most('constructor')]).toEqual([2, 0, 3, 3]);
  });
});

describe('openAnswer', () => {
  it('retries the same target with growing delays until it answers', async () => {
    const { opened, attempted, records } = await run([a, b], [failure('connection'), failure('upstream'), answer]);
    expect(attempted).toEqual(['a@0', 'a@100', 'a@250']);
    expect(opened).toMatchObject({ target: a, attempt: 3 });
    expect(records.map(({ error }) => error?.kind)).toEqual(['connection', 'upstream', undefined]);
  });

  it('waits as long as the provider asks for, unless that is long and another target is left', async () => {
    const short = await run([a, b], [failure('upstream', 120), answer]);
    expect(short.attempted).toEqual(['a@0', 'a@120']);
    const long = await run([a, b], [failure('upstream', 60_000), answer]);
    expect(long.attempted).toEqual(['a@0', 'b@0']);
    const alone = await run([a], [failure('upstream', 60_000), answer]);
    expect(alone.attempted).toEqual(['a@0', 'a@150']);
  });

  it('tries the next target once the retries of the tier are used up', async () => {
    const { opened, attempted } = await run(
      [a, b],
      [failure('timeout'), failure('empty'), failure('protocol'), answer],
    );
    expect(attempted).toEqual(['a@0', 'a@100', 'a@250', 'b@250']);
    expect(opened?.target).toEqual(b);
  });

  it.each(['rate-limited', 'auth', 'permission', 'not-found', 'overloaded'] as const)(
    'puts a target on cooldown at once after %s, and warns',
    async (kind) => {
      const { opened, attempted, warnings, health } = await run([a, b], [failure(kind), answer]);
      expect(attempted).toEqual(['a@0', 'b@0']);
      expect(opened?.target).toEqual(b);
      expect(health.isOnCooldown(a, 5_000)).toBe(true);
      expect(warnings[0]).toContain('a,m');
    },
  );

  it('uses the cooldown that the provider asks for', async () => {
    const { health } = await run([a, b], [failure('rate-limited', 30_000), answer]);
    expect([health.isOnCooldown(a, 29_999), health.isOnCooldown(a, 30_000)]).toEqual([true, false]);
  });

  it('tries the next target without a cooldown when the model lacks a feature', async () => {
    const { attempted, health } = await run([a, b], [failure('unsupported'), answer]);
    expect(attempted).toEqual(['a@0', 'b@0']);
    expect(health.isOnCooldown(a, 1)).toBe(false);
  });

  it('reports a mistake of the client at once', async () => {
    const { attempted, error } = await run([a, b], [failure('invalid-request')]);
    expect(attempted).toEqual(['a@0']);
    expect(error).toMatchObject({ kind: 'invalid-request', message: 'a,m refused the request: invalid-request!' });
  });

  it('tries only longContext, once, for a conversation that is too long', async () => {
    const first = await run([a, b], [failure('context-length'), answer]);
    expect(first.attempted).toEqual(['a@0', 'long@0']);
    const second = await run([a, b], [failure('context-length'), failure('context-length')]);
    expect(second.attempted).toEqual(['a@0', 'long@0']);
    expect(second.error).toMatchObject({ kind: 'context-length' });
  });

  it.each(['rate-limited', 'invalid-request', 'auth'] as const)(
    'still reports that the conversation is too long when longContext fails with %s',
    async (kind) => {
      const { error, attempted } = await run([a, b], [failure('context-length'), failure(kind, 5_000)]);
      expect(attempted).toEqual(['a@0', 'long@0']);
      expect(error).toMatchObject({
        kind: 'context-length',
        message: `No provider could answer. a,m: context-length! | long,m: ${kind}!`,
      });
      expect(error?.details.retryAfterMs).toBeUndefined();
    },
  );

  it('names every target with its error when none answers', async () => {
    const { error } = await run([a, b], [failure('auth'), failure('upstream')]);
    expect(error).toMatchObject({ kind: 'upstream', message: 'No provider could answer. a,m: auth! | b,m: upstream!' });
  });

  it('keeps the kind that all failures share, and the shortest wait', async () => {
    const { error } = await run([a, b], [failure('rate-limited', 9_000), failure('rate-limited', 4_000)]);
    expect(error).toMatchObject({ kind: 'rate-limited', details: { retryAfterMs: 4_000 } });
  });

  it('stops at once when the client disconnects', async () => {
    const controller = new AbortController();
    const gone = new Error('gone');
    const script = [failure('connection'), answer];
    const pending = run([a], script, controller);
    controller.abort(gone);
    const { error, attempted } = await pending;
    expect(error).toBe(gone);
    expect(attempted).toHaveLength(1);
  });
});

describe('what the kind of a failure leads to', () => {
  it.each(['connection', 'timeout', 'upstream', 'protocol', 'empty'] as const)(
    'is a retry of the same target after %s',
    async (kind) => {
      const { attempted, health } = await run([a, b], [failure(kind), answer]);
      expect(attempted).toEqual(['a@0', 'a@100']);
      expect(health.isOnCooldown(a, 1)).toBe(false);
    },
  );

  it('stays permanent for the client if every failure is, though their kinds differ', async () => {
    const { error } = await run([a, b], [failure('permission'), failure('not-found')]);
    expect(error?.kind).toBe('permission');
  });

  it('is an error of the providers if one failure may pass', async () => {
    const { error } = await run([a, b], [failure('permission'), failure('overloaded')]);
    expect(error?.kind).toBe('upstream');
  });
});

describe('the backoff', () => {
  it.each([
    [0, ['a@0', 'a@50', 'a@125']],
    [0.5, ['a@0', 'a@75', 'a@187.5']],
    [1, ['a@0', 'a@100', 'a@250']],
  ])('has jitter: with %d of it the attempts are at %j', async (random, times) => {
    const script = [failure('connection'), failure('connection'), answer];
    const { attempted } = await run([a], script, undefined, random);
    expect(attempted).toEqual(times);
  });
});

/** Fails over for one target with keys of its own; `fail` is the error of each attempt. */
async function runWithKeys(
  keys: PoolKey[],
  chooseKey: FailoverInput['chooseKey'],
  fail: (plan: AttemptPlan) => GatewayError,
) {
  const clock = createFakeClock(1_000);
  const health = createHealth();
  const warnings: string[] = [];
  const plans: AttemptPlan[] = [];
  const input: FailoverInput = {
    config,
    targets: [a],
    signal: new AbortController().signal,
    keys: () => keys,
    chooseKey,
    sendAttempt(plan) {
      plans.push(plan);
      // An endless loop would keep the test's timeout from firing.
      if (plans.length > 100) return Promise.resolve(answer);
      return Promise.reject(fail(plan));
    },
    onAttempt: () => undefined,
    isCold: () => false,
    explain: (error) => error.message,
    onPassedOver: () => undefined,
    warn: (message) => void warnings.push(message),
  };
  const done = openAnswer(input, { clock, health, random: () => 1 }).then(
    () => undefined,
    (error: unknown) => error as GatewayError,
  );
  while (await clock.next());
  return { error: await done, plans, warnings, health };
}

describe('the keys of a target', () => {
  const key = (place: number): PoolKey => ({ id: `k${place}`, text: `key-${place}`, place, of: 2 });
  const keys = [key(1), key(2)];

  it('are not all on cooldown if another request has used one of them successfully in the meantime', async () => {
    // The pool had no key to offer when it was asked, and the second key's cooldown has ended since.
    const chooseKey: FailoverInput['chooseKey'] = (_target, _keys, tried) => (tried.size === 0 ? keys[0] : undefined);
    const { error, warnings, health } = await runWithKeys(keys, chooseKey, () => failure('auth'));
    expect(error?.kind).toBe('auth');
    expect(warnings).toEqual(['a,m: key 1 of 2 is on cooldown for 60 s: auth!']);
    expect(health.cooldownUntilMs(a)).toBe(0);
  });

  it('end with the last error if the pool ignores which were tried', async () => {
    const { error, plans } = await runWithKeys(
      keys,
      () => keys[0],
      () => failure('auth'),
    );
    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining('auth!') as string });
    // Two retries, each key with and without proofs, and once without effort.
    expect(plans).toHaveLength(7);
  });

  it('each get the request with proofs and, if they reject them, without; then the failure counts as usual', async () => {
    const rejecting = (plan: AttemptPlan): GatewayError =>
      !plan.withoutProofs
        ? new GatewayError('invalid-request', 'proofs!', { rejected: 'proofs' })
        : !plan.withoutEffort
          ? new GatewayError('invalid-request', 'effort!', { rejected: 'effort' })
          : failure('auth');
    const chooseKey: FailoverInput['chooseKey'] = (_target, all, tried) => all.find(({ id }) => !tried.has(id));
    const { error, plans, health } = await runWithKeys(keys, chooseKey, rejecting);
    expect(
      plans.map(({ key: sent, withoutProofs, withoutEffort }) => [sent?.place, withoutProofs, withoutEffort]),
    ).toEqual([
      [1, false, false],
      [1, true, false],
      [1, true, true],
      [2, false, true],
      [2, true, true],
    ]);
    expect(error?.kind).toBe('auth');
    expect(health.isOnCooldown(a, 60_999)).toBe(true);
  });

  it('do not matter to a provider that always rejects the same: the attempts end', async () => {
    const always = new GatewayError('invalid-request', 'proofs!', { rejected: 'proofs' });
    const { error, plans } = await runWithKeys(
      [],
      () => undefined,
      () => always,
    );
    expect(plans).toHaveLength(2);
    expect(error).toMatchObject({ kind: 'invalid-request', message: 'a,m refused the request: proofs!' });
  });

  it('do not matter to a provider that refuses another field each time: the attempts end', async () => {
    const { error, plans } = await runWithKeys(
      [],
      () => undefined,
      ({ remedies }) => {
        const next = { type: 'leave-out', path: [`field${remedies.length}`], lasting: false } as const;
        return new GatewayError('invalid-request', 'fields!', { remedies: [next] });
      },
    );
    expect(plans.map(({ remedies }) => remedies.length)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(error).toMatchObject({ kind: 'invalid-request', message: 'a,m refused the request: fields!' });
  });
});

describe('a circuit', () => {
  const broken = (failures: number) => {
    const health = createHealth();
    for (let count = 0; count < failures; count++)
      health.note(a, { result: 'failed', atMs: -40_000, kind: 'upstream', message: 'x' });
    return health;
  };

  it('that opens ends the retries while another target may answer, and is warned of once', async () => {
    const { attempted, warnings } = await run([a, b], [failure('upstream'), answer], undefined, 1, broken(4));
    expect(attempted).toEqual(['a@0', 'b@0']);
    expect(warnings).toEqual(['a,m keeps failing; others are tried first for 30 s: upstream!']);
  });

  it('that opens does not end the retries of the only target', async () => {
    const { attempted } = await run([a], [failure('upstream'), answer], undefined, 1, broken(4));
    expect(attempted).toHaveLength(2);
  });

  it('lets one request test the target, and others pass it over', async () => {
    const health = broken(5);
    expect(health.admit(a, 0)).toBe(true);
    const other = await run([a, b], [answer], undefined, 1, health);
    expect([other.attempted, other.passedOver]).toEqual([['b@0'], ['a']]);
    health.note(a, { result: 'answered', atMs: 0 });
    expect((await run([a, b], [answer], undefined, 1, health)).attempted).toEqual(['a@0']);
  });

  it('is tried all the same when no other target answers', async () => {
    const health = broken(5);
    health.admit(a, 0);
    expect((await run([a, b], [failure('auth'), answer], undefined, 1, health)).attempted).toEqual(['b@0', 'a@0']);
  });

  it('is closed by a refusal of the request: the target works', async () => {
    const health = broken(5);
    await run([a], [failure('invalid-request')], undefined, 1, health);
    expect(health.circuitUntilMs(a)).toBe(0);
  });

  it('is left to the next request by one whose client is gone', async () => {
    const health = broken(5);
    const controller = new AbortController();
    controller.abort(new Error('gone'));
    await run([a], [failure('upstream')], controller, 1, health);
    expect(health.admit(a, 0)).toBe(true);
  });
});
