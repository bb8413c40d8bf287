// Redis is frozen, killed and started again under load: how long each single request waits for it. Its twin at a gateway without Redis
// runs at the same moment in the same process, so that what other programs take of the processor is in both.
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../upstream/json.ts';
import { redisProgram } from './redisServer.ts';
import { median, startMember, until, type Member } from './team.ts';
import { useTeam } from './useTeam.ts';

const team = useTeam();

/** Milliseconds. */
const mayWaitMs = 5;

const phases = ['usual', 'frozen', 'thawed', 'killed', 'started'];

async function join(Persistence: JsonObject): Promise<Member> {
  const entry = (name: string, usd: number): JsonObject => ({
    name,
    api_base_url: team.provider.url,
    api_key: 'key-one',
    models: [name],
    pricing: { input_per_million_tokens: usd, output_per_million_tokens: 10 * usd },
  });
  const member = await startMember({
    Providers: [entry('one', 10), entry('dear', 2_000_000)],
    Router: { default: 'one,one' },
    Budgets: [{ per: 'day', usd: 1000 }],
    Persistence,
  });
  team.members.push(member);
  return member;
}

type Pair = { phase: string; status: number; ms: number; twinMs: number };

/** Sends pairs of requests until `isOver`, alternately the one and the other first. */
async function load(shared: Member, alone: Member, phase: () => string | undefined, pairs: Pair[]): Promise<void> {
  for (let now = phase(), count = 0; now !== undefined; now = phase(), count++) {
    const order = count % 2 === 0 ? [shared, alone] : [alone, shared];
    const answers = new Map(await Promise.all(order.map(async (member) => [member, await member.ask()] as const)));
    const [answer, twin] = [answers.get(shared), answers.get(alone)];
    pairs.push({ phase: now, status: answer?.status ?? 0, ms: answer?.ms ?? 0, twinMs: twin?.ms ?? 0 });
    await wait(8);
  }
}

function waitsIn(pairs: readonly Pair[], phase: string): number[] {
  return pairs.filter((pair) => pair.phase === phase).map(({ ms, twinMs }) => ms - twinMs);
}

describe.skipIf(!redisProgram)('under load, with a budget', () => {
  test(
    'no request fails or waits for long while Redis is frozen, killed and started',
    { timeout: 60_000 },
    async () => {
      const shared = await join({ mode: 'redis', redis_url: team.redis.url, redis_prefix: 'ccr:away' });
      const alone = await join({ mode: 'none' });
      // From half of a budget on, requests wait for Redis: what others spend must be known.
      await Promise.all([shared, alone].map((member) => member.ask({ model: 'dear,dear' })));
      const shares = [shared, alone].map(({ gateway }) => gateway.state().budgets[0]?.share);
      expect(shares).toEqual([expect.closeTo(0.6), expect.closeTo(0.6)]);
      for (let count = 0; count < 50; count++) await Promise.all([shared.ask(), alone.ask()]);
      let phase: string | undefined = 'usual';
      const pairs: Pair[] = [];
      const loads = Array.from({ length: 2 }, () => load(shared, alone, () => phase, pairs));
      try {
        await wait(1000);
        phase = 'frozen';
        // Each time, the first requests find out.
        for (let count = 0; count < 8; count++) {
          team.redis.freeze();
          await wait(200);
          team.redis.thaw();
          await wait(100);
        }
        team.redis.freeze();
        await wait(2500);
        expect(await shared.get('/health')).toMatchObject({ degraded: 'redis' });
        phase = 'thawed';
        team.redis.thaw();
        await until(async () => (await shared.get('/health'))['status'] === 'healthy', 10_000);
        await wait(500);
        phase = 'killed';
        await team.redis.kill();
        await wait(1500);
        phase = 'started';
        await team.redis.start();
        await until(async () => (await shared.get('/health'))['status'] === 'healthy', 10_000);
        await wait(500);
        // A busy machine takes longer for so many.
        await until(() => pairs.length > 150, 30_000);
      } finally {
        team.redis.thaw();
        phase = undefined;
      }
      await Promise.all(loads);
      expect(new Set(pairs.map((pair) => pair.phase))).toEqual(new Set(phases));
      expect(pairs.length).toBeGreaterThan(150);
      expect(pairs.filter(({ status }) => status !== 200)).toEqual([]);
      const waits = phases.flatMap((name) => waitsIn(pairs, name));
      // Other programs make the one or the other of a pair late, equally often. A longer wait for Redis would be on one side alone.
      const late = (limit: number): number => waits.filter((each) => each > mayWaitMs + limit).length;
      const lateTwins = (limit: number): number => waits.filter((each) => each < -limit).length;
      for (const limit of [100, 200]) {
        const chance = lateTwins(limit) + 3 * Math.sqrt(lateTwins(limit)) + 3;
        expect(late(limit), `requests that waited over ${mayWaitMs + limit} ms`).toBeLessThanOrEqual(chance);
      }
      // Once it is known, nothing is waited for.
      for (const name of ['frozen', 'killed']) expect(median(waitsIn(pairs, name)), name).toBeLessThan(mayWaitMs);
    },
  );
});
