import type { Clock } from '../../src/gateway/clock.ts';
import { createLog } from '../../src/observe/log.ts';
import { RedisLink } from '../../src/server/redis/link.ts';
import type { FakeRedis } from './fakeRedis.ts';

let ids = 0;

/** The link of one more gateway, which starts its keys with `p`. `logged` gets its log. */
export function createFakeLink(redis: FakeRedis, clock: Clock): { link: RedisLink; logged: string[] } {
  const logged: string[] = [];
  const link = new RedisLink({
    load: () => Promise.resolve(redis.open),
    server: 'redis:6379',
    prefix: 'p',
    waitMs: 5,
    clock,
    log: createLog(
      () => 'info',
      (_, message) => logged.push(message),
    ),
    newId: () => `id-${++ids}`,
  });
  return { link, logged };
}
