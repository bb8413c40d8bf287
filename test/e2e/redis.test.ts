// Several gateways that share their state by a real Redis server.
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { attach } from '../../src/control/client.ts';
import { clearRedis } from '../../src/server/redis/clearRedis.ts';
import type { JsonObject } from '../upstream/json.ts';
import { redisProgram } from './redisServer.ts';
import { median, spread, startMember, until, type Member } from './team.ts';
import { useTeam } from './useTeam.ts';

const prefix = 'ccr:test';

const team = useTeam();

function configOf(more: JsonObject = {}): JsonObject {
  const pricing = { input_per_million_tokens: 10, output_per_million_tokens: 100 };
  return {
    Providers: ['one', 'two'].map((name) => ({
      name,
      api_base_url: team.provider.url,
      api_key: `key-${name}`,
      models: [name],
      pricing,
    })),
    Router: { default: 'one,one', tiers: ['one,one', 'two,two'], strategy: 'ordered' },
    Persistence: { mode: 'redis', redis_url: team.redis.url, redis_prefix: prefix },
    ...more,
  };
}

async function join(more: JsonObject = {}): Promise<Member> {
  const member = await startMember(configOf(more));
  team.members.push(member);
  return member;
}

const requestsOf = async (member: Member): Promise<number> => Number((await member.get('/v1/usage'))['total_requests']);

describe.skipIf(!redisProgram)('usage by Redis', () => {
  test('is in the key layout that earlier data has', async () => {
    const member = await join();
    team.provider.rules.status.set('one', 429);
    await member.ask();
    await until(
      async () => (await team.redis.client.hget(`${prefix}:counter:ccr_cost_usd_total`, '{"tier":"two"}')) !== null,
    );
    const hash = (key: string) => team.redis.client.hgetall(`${prefix}:${key}`);
    expect(await hash('counter:ccr_requests_total')).toEqual({ '{"tier":"one"}': '1', '{"tier":"two"}': '1' });
    expect(await hash('counter:ccr_failures_total')).toEqual({ '{"reason":"rate_limited","tier":"one"}': '1' });
    expect(await hash('counter:ccr_input_tokens_total')).toEqual({ '{"tier":"two"}': '100' });
    expect(await hash('counter:ccr_output_tokens_total')).toEqual({ '{"tier":"two"}': '20' });
    expect(Number((await hash('counter:ccr_cost_usd_total'))['{"tier":"two"}'])).toBeCloseTo(0.003, 9);
    expect(await hash('counter:ccr_rate_limit_hits_total')).toEqual({ '{"tier":"one"}': '1' });
    expect(Object.keys(await hash('counter:ccr_frontend_requests_total'))).toEqual(['{"frontend":"other"}']);
    expect(await hash('hist:ccr_request_duration_seconds:count')).toEqual({ '{"tier":"two"}': '1' });
    expect(await hash('hist:ccr_request_duration_seconds:bucket:60.000000')).toEqual({ '{"tier":"two"}': '1' });
    const [audit = ''] = await team.redis.client.lrange(`${prefix}:list:token-audit`, 0, -1);
    expect(JSON.parse(audit)).toMatchObject({ tier: 'one', total_tokens: expect.any(Number) as number });
    const drift = JSON.parse((await hash('state:token-drift'))['two'] ?? '') as JsonObject;
    expect(drift).toMatchObject({ upstream_sum: 100, samples: 1, last_upstream: 100 });
    const ewma = JSON.parse((await hash('state:ewma'))['two'] ?? '') as JsonObject;
    expect(ewma).toMatchObject({ samples: 1 });
  });

  test('goes on where earlier data ends', async () => {
    const set = (key: string, values: Record<string, string>) => team.redis.client.hset(`${prefix}:${key}`, values);
    await set('counter:ccr_requests_total', { '{"tier":"old"}': '7' });
    await set('counter:ccr_failures_total', { '{"reason":"request_failed","tier":"old"}': '2' });
    await set('counter:ccr_input_tokens_total', { '{"tier":"old"}': '1000' });
    await set('counter:ccr_cost_usd_total', { '{"tier":"old"}': '1.25' });
    await set('hist:ccr_request_duration_seconds:sum', { '{"tier":"old"}': '10' });
    await set('hist:ccr_request_duration_seconds:count', { '{"tier":"old"}': '5' });
    for (const [bound, count] of [
      ['0.500000', 0],
      ['1.000000', 2],
      ['2.000000', 4],
      ['60.000000', 5],
    ] as const)
      await set(`hist:ccr_request_duration_seconds:bucket:${bound}`, { '{"tier":"old"}': String(count) });
    await set('counter:ccr_rate_limit_hits_total', { '{"tier":"old"}': '3' });
    await set('counter:ccr_rate_limit_backoffs_total', { '{"tier":"old"}': '3' });
    await set('counter:ccr_pre_request_tokens_total', { '{"component":"system","tier":"old"}': '70' });
    await set('state:ewma', { old: '{"ewma":1.5,"samples":9}' });
    const entry = {
      timestamp: '2026-07-18T00:00:00.000Z',
      tier: 'old',
      message_tokens: 1,
      system_tokens: 2,
      tool_tokens: 3,
      total_tokens: 6,
    };
    await team.redis.client.rpush(`${prefix}:list:token-audit`, JSON.stringify(entry));
    const member = await join();
    await member.ask();
    const usage = await member.get('/v1/usage');
    expect(usage).toMatchObject({ total_requests: 8, total_failures: 2, total_input_tokens: 1100 });
    expect(usage['tiers']).toContainEqual({
      tier: 'old',
      requests: 7,
      failures: 2,
      input_tokens: 1000,
      output_tokens: 0,
      cache_read_tokens: 0,
      cache_creation_tokens: 0,
      cost_usd: 1.25,
      avg_duration_seconds: 2,
    });
    expect(await member.get('/v1/latencies')).toContainEqual({ tier: 'old', ewma_seconds: 1.5, sample_count: 9 });
    expect(await member.get('/v1/token-audit')).toContainEqual(entry);
    const metrics = await (await fetch(`${member.gateway.url}/metrics`)).text();
    for (const line of [
      'ccr_requests_total{tier="old"} 7',
      'ccr_rate_limit_hits_total{tier="old"} 3',
      'ccr_pre_request_tokens_total{tier="old",component="system"} 70',
      'ccr_request_duration_seconds_bucket{le="0.5",tier="old"} 0',
      'ccr_request_duration_seconds_bucket{le="1",tier="old"} 2',
      'ccr_request_duration_seconds_bucket{le="2",tier="old"} 4',
      'ccr_request_duration_seconds_bucket{le="2.5",tier="old"} 4',
      'ccr_request_duration_seconds_bucket{le="60",tier="old"} 5',
      'ccr_request_duration_seconds_sum{tier="old"} 10',
      'ccr_request_duration_seconds_count{tier="old"} 5',
    ])
      expect(metrics).toContain(`${line}\n`);
  });

  test('is the same at every gateway, also after a restart', async () => {
    const [a, b] = [await join(), await join()];
    for (const member of [a, b, a, b, a]) await member.ask();
    await until(async () => (await requestsOf(a)) === 5 && (await requestsOf(b)) === 5);
    const usage = await a.get('/v1/usage');
    const c = await join();
    expect(await c.get('/v1/usage')).toEqual(usage);
    expect(await b.get('/v1/usage')).toEqual(usage);
    for (const member of [a, b, c]) {
      const metrics = await (await fetch(`${member.gateway.url}/metrics`)).text();
      expect(metrics).toContain('ccr_request_duration_seconds_count{tier="one"} 5\n');
      expect(metrics).toContain('ccr_pre_request_tokens_count{tier="one"} 5\n');
    }
    const byModel = await c.get('/v1/usage?by=model&since=2h');
    expect(byModel['groups']).toMatchObject([{ model: 'one,one', requests: 5, input_tokens: 500 }]);
    expect(await c.get('/v1/frontend-metrics')).toMatchObject([{ frontend: 'other', requests: 5 }]);
  });

  test('counts everything once, although Redis was away', async () => {
    const [a, b] = [await join(), await join()];
    await a.ask();
    await until(async () => (await requestsOf(b)) === 1);
    await team.redis.kill();
    await until(async () => (await a.get('/health'))['degraded'] === 'redis');
    for (const member of [a, a, b]) expect((await member.ask()).status).toBe(200);
    expect(await requestsOf(a)).toBe(3);
    await team.redis.start();
    await until(async () => (await requestsOf(a)) === 4 && (await requestsOf(b)) === 4, 10_000);
    await until(async () => (await a.get('/health'))['status'] === 'healthy');
    expect(await team.redis.client.hgetall(`${prefix}:counter:ccr_requests_total`)).toEqual({ '{"tier":"one"}': '4' });
    expect(await requestsOf(await join())).toBe(4);
  });
});

describe.skipIf(!redisProgram)('a gateway without Redis', () => {
  test('starts and answers, says so, and shares as soon as it can', async () => {
    await team.redis.kill();
    // What a start takes on this machine at this moment.
    const beganAt = Date.now();
    await join({ Persistence: { mode: 'none' } });
    const startedAt = Date.now();
    const member = await join();
    expect(Date.now() - startedAt).toBeLessThan(2000 + (startedAt - beganAt));
    expect((await member.ask()).status).toBe(200);
    const health = await member.get('/health');
    expect(health).toMatchObject({ status: 'degraded', degraded: 'redis' });
    expect(String(health['reasons'])).toContain(`redis: 127.0.0.1:${team.redis.port}`);
    await team.redis.start();
    await until(async () => (await member.get('/health'))['status'] === 'healthy', 10_000);
    await until(async () => (await team.redis.client.hlen(`${prefix}:counter:ccr_requests_total`)) === 1);
    expect(member.logged.join('\n') + JSON.stringify(health)).not.toContain('redis-pass-planted');
  });

  test('does not wait for a Redis that is frozen', async () => {
    const [a, b, twin] = [await join(), await join(), await join({ Persistence: { mode: 'none' } })];
    const usual: number[] = [];
    const frozen: number[] = [];
    /** How much longer an answer takes than one of a gateway that has no Redis, at the same moment. */
    const ask = async (): Promise<number> => {
      const { status, ms } = await a.ask();
      expect(status).toBe(200);
      return ms - (await twin.ask()).ms;
    };
    for (let request = 0; request < 50; request++) usual.push(await ask());
    team.redis.freeze();
    try {
      const startedAt = Date.now();
      while (Date.now() - startedAt < 4000) frozen.push(await ask());
      expect(await a.get('/health')).toMatchObject({ degraded: 'redis' });
    } finally {
      team.redis.thaw();
    }
    // Other programs take the processor now and then, so a single request says little.
    expect(median(frozen)).toBeLessThan(median(usual) + 5 + spread(usual));
    const count = frozen.length + usual.length;
    await until(async () => (await requestsOf(a)) === count && (await requestsOf(b)) === count, 10_000);
    expect(await a.get('/health')).toMatchObject({ status: 'healthy' });
  });
});

describe.skipIf(!redisProgram)('ccr clear-stats', () => {
  test('deletes the keys of the prefix, and running gateways start from zero', async () => {
    const member = await join();
    await member.ask();
    await until(async () => (await team.redis.client.hlen(`${prefix}:counter:ccr_requests_total`)) === 1);
    await team.redis.client.set('ccr:testing', 'of another program');
    const printed: string[] = [];
    const code = await runProgram(['clear-stats', '--redis-url', team.redis.url, '--redis-prefix', prefix], {
      environment: {},
      homeDirectory: tmpdir(),
      currentDirectory: tmpdir(),
      platform: 'linux',
      version: '1.0.0',
      cliPath: 'cli.js',
      print: (line) => printed.push(line),
      complain: (line) => printed.push(line),
    });
    expect(printed).toEqual([expect.stringMatching(/^Cleared \d+ Redis key\(s\) for prefix 'ccr:test'$/)]);
    expect(code).toBe(0);
    await until(async () => (await requestsOf(member)) === 0);
    expect(await team.redis.client.keys(`${prefix}:counter:*`)).toEqual([]);
    expect(await team.redis.client.get('ccr:testing')).toBe('of another program');
    await member.stop();
    team.members.splice(0);
    await clearRedis(team.redis.url, prefix);
    expect(await team.redis.client.keys(`${prefix}*`)).toEqual(['ccr:testing']);
  });

  test('of one gateway are those of all', async () => {
    const [a, b] = [await join(), await join()];
    await a.ask();
    await until(async () => (await requestsOf(b)) === 1);
    const attached = await attach({ homeDirectory: a.home, port: a.gateway.port });
    if (attached.kind === 'ccr') await attached.client.clearStats();
    await until(async () => (await requestsOf(b)) === 0);
    await b.ask();
    await until(
      async () => (await team.redis.client.hget(`${prefix}:counter:ccr_requests_total`, '{"tier":"one"}')) === '1',
    );
  });
});
