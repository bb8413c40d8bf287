// What one gateway finds out, all know: cooldowns, circuits, latencies, budgets, affinity and stored responses, by a real Redis.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TargetView } from '../../src/control/protocol.ts';
import type { JsonObject } from '../upstream/json.ts';
import { redisProgram } from './redisServer.ts';
import { startMember, until, type Member } from './team.ts';
import { useTeam } from './useTeam.ts';

const prefix = 'ccr:test';
const sealKey = randomBytes(32).toString('base64');

const team = useTeam();

/** On a busy machine, the usual wait would end before Redis answers. */
const patient = { redis_wait_ms: 5000 };

async function join(more: JsonObject = {}, environment: Record<string, string> = {}): Promise<Member> {
  const pricing = { input_per_million_tokens: 10, output_per_million_tokens: 100 };
  const entry = (name: string) => ({
    name,
    api_base_url: team.provider.url,
    api_key: `key-${name}`,
    models: [name],
    pricing,
  });
  const retries = { max_retries: 0, base_backoff_ms: 1 };
  const Persistence = { mode: 'redis', redis_url: team.redis.url, redis_prefix: prefix, ...patient };
  const member = await startMember(
    {
      Providers: [entry('one'), entry('two')],
      Router: {
        default: 'one,one',
        tiers: ['one,one', 'two,two'],
        strategy: 'ordered',
        tierRetries: { 'tier-0': retries, 'tier-1': retries },
      },
      Persistence,
      ...more,
    },
    { CCR_SEAL_KEY: sealKey, ...environment },
  );
  team.members.push(member);
  return member;
}

const targetOf = (member: Member, name: string): TargetView | undefined =>
  member.gateway.state().targets.find(({ target }) => target === name);

describe.skipIf(!redisProgram)('the health of targets', () => {
  test('a cooldown that one gateway finds is known to all within 100 ms, and ends everywhere at one time', async () => {
    const delays: number[] = [];
    let [a, b, c] = [await join(), await join(), await join()];
    // Other programs may hold up one of them; what is not announced would be late each time.
    for (let round = 0; round === 0 || (round < 5 && Math.min(...delays) >= 100); round++) {
      if (round > 0) {
        await Promise.all(team.members.splice(0).map((member) => member.stop()));
        await team.redis.client.flushall();
        [a, b, c] = [await join(), await join(), await join()];
      }
      team.provider.rules.status.set('one', 429);
      expect((await a.ask()).status).toBe(200);
      const foundAt = performance.now();
      await until(() => [b, c].every((member) => targetOf(member, 'one,one')?.state === 'cooldown'));
      delays.push(performance.now() - foundAt);
    }
    expect(Math.min(...delays)).toBeLessThan(100);
    const delay = delays.at(-1) ?? 0;
    const untilMs = targetOf(a, 'one,one')?.retryAt ?? 0;
    for (const member of [b, c])
      expect(Math.abs((targetOf(member, 'one,one')?.retryAt ?? 0) - untilMs)).toBeLessThan(5 + delay);
    const endsAt = await team.redis.client.pexpiretime(`${prefix}:live:until:cooldown one,one`);
    expect(Math.abs(endsAt - untilMs)).toBeLessThan(50 + delay);
    team.provider.requests.splice(0);
    await b.ask();
    expect(team.provider.requests.map(({ model }) => model)).toEqual(['two']);
    const late = await join();
    expect(targetOf(late, 'one,one')?.state).toBe('cooldown');
  });

  test('an answer ends the cooldown everywhere', async () => {
    const [a, b] = [await join(), await join()];
    team.provider.rules.status.set('one', 429);
    await a.ask();
    await until(() => targetOf(b, 'one,one')?.state === 'cooldown');
    team.provider.rules.status.clear();
    team.provider.rules.status.set('two', 500);
    expect((await b.ask()).status).toBe(200);
    await until(() => targetOf(a, 'one,one')?.state === 'ok');
    await until(async () => (await team.redis.client.exists(`${prefix}:live:until:cooldown one,one`)) === 0);
  });

  test('failures at several gateways open one circuit, which later gateways know', async () => {
    const [a, b] = [await join(), await join()];
    team.provider.rules.status.set('one', 500);
    for (const member of [a, b, a, b, a]) await member.ask({ model: 'one,one' });
    await until(() => [a, b].every((member) => targetOf(member, 'one,one')?.state === 'open'));
    await until(async () => (await team.redis.client.exists(`${prefix}:live:until:circuit one,one`)) === 1);
    expect(targetOf(await join(), 'one,one')?.state).toBe('open');
  });

  test('a key that is limited at one gateway is avoided by all, and keys take turns over all', async () => {
    const keys = ['key-1', 'key-2', 'key-3'];
    const Providers = [{ name: 'one', api_base_url: team.provider.url, api_keys: keys, models: ['one'] }];
    const more = { Providers, Router: { default: 'one,one' } };
    const [a, b] = [await join(more), await join(more)];
    for (const [index, member] of [a, b, a].entries()) {
      await member.ask({ messages: [{ role: 'user', content: `Conversation ${index}` }] });
      // Everything arrives in one order, so whoever knows of the request knows of the key's turn.
      for (const each of [a, b]) await until(async () => (await each.get('/v1/usage'))['total_requests'] === index + 1);
    }
    expect(team.provider.requests.map(({ key }) => key)).toEqual(keys);
    team.provider.rules.status.set('one', 429);
    await a.ask();
    await until(() => targetOf(b, 'one,one')?.keys?.length === 3);
  });

  test('latencies are measured together', async () => {
    const [a, b] = [await join(), await join()];
    for (const member of [a, b, a]) await member.ask();
    await until(async () => JSON.stringify(await b.get('/v1/latencies')).includes('"sample_count":3'));
    await until(
      async () => (await team.redis.client.hget(`${prefix}:state:ewma`, 'one'))?.includes('"samples":3') ?? false,
    );
    expect(await (await join()).get('/v1/latencies')).toMatchObject([{ tier: 'one', sample_count: 3 }]);
  });

  test('a conversation stays with its target at another gateway', async () => {
    const Router = { default: 'one,one', tiers: ['one,one', 'two,two'], strategy: 'latency' };
    const [a, b] = [await join({ Router }), await join({ Router })];
    const headers = { 'x-session-id': 'planted-session' };
    await a.ask({ model: 'two,two', metadata: { session_id: 'planted-session' } }, headers);
    await until(async () => (await team.redis.client.llen(`${prefix}:live:affinity`)) === 1);
    const preview = await b.ask({ metadata: { session_id: 'planted-session' } }, headers);
    expect(preview.status).toBe(200);
    expect(team.provider.requests.at(-1)?.model).toBe('two');
    for (const text of await team.redis.client.lrange(`${prefix}:live:affinity`, 0, -1))
      expect(text).not.toContain('planted');
  });
});

describe.skipIf(!redisProgram)('budgets', () => {
  const spend = async (gateways: Member[], count: number): Promise<number[]> => {
    const asked = Array.from({ length: count }, (_, index) => gateways[index % gateways.length]?.ask());
    return (await Promise.all(asked)).map((answer) => answer?.status ?? 0);
  };

  test('are used up by all together, and by no more than a request of each gateway beyond', async () => {
    const Budgets = [{ per: 'day', tokens: 1200 }];
    const gateways = [await join({ Budgets }), await join({ Budgets }), await join({ Budgets })];
    for (const member of gateways) await member.ask(); // now each knows how long an answer usually is
    team.provider.rules.delayMs = 50;
    const statuses = await spend(gateways, 30);
    const answered = gateways.length + statuses.filter((status) => status === 200).length;
    expect(answered * 120).toBeGreaterThanOrEqual(1200);
    expect(answered * 120).toBeLessThanOrEqual(1200 + 3 * 120);
    expect(new Set(statuses)).toEqual(new Set([200, 403]));
    await until(() => gateways.every((member) => member.gateway.state().budgets.every(({ share }) => share >= 1)));
    expect((await (await join({ Budgets })).ask()).status).toBe(403);
  });

  test('hold without Redis, and count what was spent meanwhile', async () => {
    const Budgets = [{ per: 'day', tokens: 400 }];
    const [a, b] = [await join({ Budgets }), await join({ Budgets })];
    await a.ask();
    await until(() => b.gateway.state().budgets[0]?.share === 0.3);
    await team.redis.kill();
    await until(async () => (await b.get('/health'))['degraded'] === 'redis');
    expect([(await b.ask()).status, (await a.ask()).status]).toEqual([200, 200]);
    await team.redis.start();
    await until(() => [a, b].every((member) => member.gateway.state().budgets[0]?.share === 0.9), 10_000);
  });

  test('of a conversation count at every gateway', async () => {
    const Budgets = [{ per: 'conversation', tokens: 100 }];
    const [a, b] = [await join({ Budgets }), await join({ Budgets })];
    const body = { metadata: { session_id: 'planted-session' } };
    await a.ask(body);
    await until(async () => (await b.ask(body)).status === 403);
    expect((await b.ask({ metadata: { session_id: 'another' } })).status).toBe(200);
    expect(JSON.stringify(await team.redis.client.keys('*'))).not.toContain('planted');
  });
});

describe.skipIf(!redisProgram)('stored responses', () => {
  const respond = async (member: Member, body: JsonObject): Promise<{ status: number; body: JsonObject }> => {
    const response = await fetch(`${member.gateway.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'auto', ...body }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };

  test('are continued by another gateway, and by one that starts later', async () => {
    const [a, b] = [await join(), await join()];
    const first = await respond(a, { input: 'planted-prompt' });
    const id = String(first.body['id']);
    await until(async () => (await b.get(`/v1/responses/${id}`))['id'] === id);
    const second = await respond(b, { input: 'And then?', previous_response_id: id });
    expect(second.status).toBe(200);
    expect(team.provider.requests.at(-1)?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user' },
    ]);
    const late = await join();
    expect((await respond(late, { input: 'Yes?', previous_response_id: second.body['id'] })).status).toBe(200);
    expect(team.provider.requests.at(-1)?.messages).toHaveLength(5);
  });

  test('are sealed in Redis, and gone when one gateway deletes them', async () => {
    const [a, b] = [await join(), await join()];
    const { body } = await respond(a, { input: 'planted-prompt' });
    const key = `${prefix}:live:responses:${String(body['id'])}`;
    await until(async () => (await team.redis.client.exists(key)) === 1);
    expect(await team.redis.client.get(key)).toMatch(/^ccr1:[\w-]+$/);
    expect(await team.redis.client.pttl(key)).toBeGreaterThan(47 * 3_600_000);
    await fetch(`${b.gateway.url}/v1/responses/${String(body['id'])}`, { method: 'DELETE' });
    await until(async () => (await respond(a, { input: 'x', previous_response_id: body['id'] })).status === 400);
    expect(await team.redis.client.exists(key)).toBe(0);
  });

  test('are brought from Redis if they are not here', async () => {
    const a = await join();
    const { body } = await respond(a, { input: 'Hello' });
    const key = `${prefix}:live:responses:${String(body['id'])}`;
    await until(async () => (await team.redis.client.exists(key)) === 1);
    // As if there were too many newer ones.
    await team.redis.client.del(`${prefix}:live:responses`);
    expect((await respond(await join(), { input: 'x', previous_response_id: body['id'] })).status).toBe(200);
  });

  test('need the same seal key; an older one still opens', async () => {
    const newer = randomBytes(32).toString('base64url');
    const a = await join();
    const { body } = await respond(a, { input: 'Hello' });
    await until(async () => (await team.redis.client.exists(`${prefix}:live:responses:${String(body['id'])}`)) === 1);
    const next = { input: 'x', previous_response_id: body['id'] };
    expect((await respond(await join({}, { CCR_SEAL_KEY: newer }), next)).status).toBe(400);
    expect((await respond(await join({}, { CCR_SEAL_KEY: `${newer},${sealKey}` }), next)).status).toBe(200);
  });
});
