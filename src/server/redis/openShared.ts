import { randomUUID } from 'node:crypto';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../gateway/clock.ts';
import type { Figures } from '../../observe/figures.ts';
import type { Log } from '../../observe/log.ts';
import type { Affinity } from '../../routing/affinity.ts';
import type { Health } from '../../routing/health.ts';
import type * as connection from './connection.ts';
import { RedisLink } from './link.ts';
import { serverName } from './serverName.ts';
import type { SharedPart } from './share.ts';
import { shareAffinity } from './sharedAffinity.ts';
import { shareFigures } from './sharedFigures.ts';
import { shareHealth } from './sharedHealth.ts';

/** What gateways can have in common. */
export type Common = { figures: Figures; health: Health; affinity: Affinity };

export type Shared = Common & {
  /** Connects. @returns when the others' state is known, or after a moment without */
  start(): Promise<void>;
  /** Why nothing is shared now; undefined if it is, or if nothing is to be shared. */
  problem(): string | undefined;
  close(): Promise<void>;
};

/** The server that the config or the environment names. */
export function redisUrlOf({ Persistence }: Pick<Config, 'Persistence'>, environment: Environment): string | undefined {
  return Persistence.redis_url ?? (environment['CCR_REDIS_URL'] || undefined);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A gateway starts alone if Redis does not answer for so long. Milliseconds. */
const patienceMs = 500;

/** Shares `common` by Redis, if the config asks for it. */
export function openShared(
  common: Common,
  config: Config,
  { environment, log }: { environment: Environment; log: Log },
): Shared {
  const alone: Shared = {
    ...common,
    start: () => Promise.resolve(),
    problem: () => undefined,
    close: () => Promise.resolve(),
  };
  const { mode, redis_prefix: prefix } = config.Persistence;
  if (mode !== 'redis') return alone;
  const url = redisUrlOf(config, environment);
  if (!url) {
    const problem = 'redis: no server is named. Set Persistence.redis_url or the variable CCR_REDIS_URL.';
    log.warn(problem);
    return { ...alone, problem: () => problem };
  }
  const link = new RedisLink({
    async load() {
      const { connectTo }: typeof connection = await import('./connection.ts');
      return connectTo(url);
    },
    server: serverName(url),
    prefix,
    clock: systemClock,
    log,
    newId: randomUUID,
  });
  const { figures, part: figuresPart } = shareFigures({ figures: common.figures, share: link, now: systemClock.now });
  const { health, part: healthPart } = shareHealth(common.health, link);
  const { affinity, part: affinityPart } = shareAffinity(common.affinity, link);
  const parts = new Map<string, SharedPart>([
    ['figures', figuresPart],
    ['health', healthPart],
    ['affinity', affinityPart],
  ]);
  return {
    figures,
    health,
    affinity,
    start: () => link.start(parts, patienceMs),
    problem: () => link.problem(),
    close: () => link.close(),
  };
}
