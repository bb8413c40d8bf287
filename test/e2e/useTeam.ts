import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { redisProgram, startRedis, type RedisServer } from './redisServer.ts';
import type { Member } from './team.ts';
import { startTeamProvider, type TeamProvider } from './teamProvider.ts';

/** A Redis server and a provider for the tests of the file that calls this, and the gateways to stop after each of them. */
export type Team = { redis: RedisServer; provider: TeamProvider; members: Member[] };

/** Each test finds an empty server and a provider without rules. Where Redis can't be installed there is none. */
export function useTeam(): Team {
  const team = { members: [] as Member[] } as Team;
  beforeAll(async () => {
    if (!redisProgram) return;
    team.redis = await startRedis();
    team.provider = await startTeamProvider();
  });
  afterAll(async () => {
    if (!redisProgram) return;
    team.provider.close();
    await team.redis.stop();
  });
  beforeEach(() => {
    const { rules, requests } = team.provider;
    rules.status.clear();
    rules.delayMs = 0;
    rules.usage = { input: 100, output: 20 };
    requests.splice(0);
  });
  afterEach(async () => {
    await Promise.all(team.members.splice(0).map((member) => member.stop()));
    await team.redis.client.flushall();
  });
  return team;
}
