import { messageOf } from '../canonical/errors.ts';
import { loadConfig } from '../config/load.ts';
import { configSchema } from '../config/schema.ts';
import type * as redis from '../server/redis/clearRedis.ts';
import { redisUrlOf } from '../server/redis/openShared.ts';
import { serverName } from '../server/redis/serverName.ts';
import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';

export type ClearOptions = LocateOptions & {
  redisUrl?: string | undefined;
  redisPrefix?: string | undefined;
  json?: boolean | undefined;
};

/**
 * Sets the statistics back to zero: those in Redis if the config or an option says so, else those of the running gateway. Exits
 * with 1 when there is neither.
 */
export async function clearStats(options: ClearOptions, context: CliContext): Promise<ExitCode> {
  const { mode, url, prefix } = redisOf(options, context);
  const isRedis = mode === 'redis' || options.redisUrl !== undefined || options.redisPrefix !== undefined;
  const { isCleared, message } = isRedis ? await clearRedis(url, prefix) : await clearGateway(options, context);
  if (options.json) context.print(JSON.stringify({ cleared: isCleared, message }));
  else if (isCleared) context.print(message);
  else context.complain(`ccr: ${message}`);
  return isCleared ? 0 : 1;
}

type Outcome = { isCleared: boolean; message: string };

async function clearGateway(options: ClearOptions, context: CliContext): Promise<Outcome> {
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr')
    return {
      isCleared: false,
      message: `${describeAbsence(located)} Start it first: the gateway clears its statistics.`,
    };
  await located.client.clearStats();
  return { isCleared: true, message: `Cleared the statistics of CCR on port ${located.client.port}.` };
}

/** Gateways that run read what is left there, at once. */
async function clearRedis(url: string | undefined, prefix: string): Promise<Outcome> {
  if (url === undefined)
    return {
      isCleared: false,
      message: 'No Redis server is named. Use --redis-url, CCR_REDIS_URL or Persistence.redis_url in the config.',
    };
  try {
    const client: typeof redis = await import('../server/redis/clearRedis.ts');
    const count = await client.clearRedis(url, prefix);
    return { isCleared: true, message: `Cleared ${count} Redis key(s) for prefix '${prefix}'` };
  } catch (thrown) {
    return { isCleared: false, message: `Redis at ${serverName(url)} can't be cleared: ${messageOf(thrown)}` };
  }
}

/** What options, the environment and the config say of Redis. */
function redisOf({ config: file, redisUrl, redisPrefix }: ClearOptions, context: CliContext) {
  const { environment, homeDirectory, currentDirectory: workspaceFolder } = context;
  const loaded = loadConfig({ file, environment, homeDirectory, workspaceFolder });
  const { Persistence } = loaded.usable ? loaded.config : configSchema.parse({ Router: { default: 'none,none' } });
  const fromEnvironment = environment['CCR_REDIS_URL'] || undefined;
  return {
    mode: Persistence.mode,
    url: redisUrl ?? fromEnvironment ?? redisUrlOf({ Persistence }, environment),
    prefix: redisPrefix ?? Persistence.redis_prefix,
  };
}
