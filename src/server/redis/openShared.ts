import { randomUUID } from 'node:crypto';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../gateway/clock.ts';
import type { CommonState } from '../../gateway/gatewayParts.ts';
import { createKeyMemory } from '../../gateway/keyPool.ts';
import type { Figures } from '../../observe/figures.ts';
import type { Log } from '../../observe/log.ts';
import type { Sealer } from '../../reasoning/sealer.ts';
import type { Affinity } from '../../routing/affinity.ts';
import type { BudgetLedger } from '../../routing/budgets.ts';
import type { Health } from '../../routing/health.ts';
import type * as connection from './connection.ts';
import { RedisLink } from './link.ts';
import { serverName } from './serverName.ts';
import type { SharedPart } from './share.ts';
import { shareAffinity } from './sharedAffinity.ts';
import { shareBudgets } from './sharedBudgets.ts';
import { shareFigures } from './sharedFigures.ts';
import { shareHealth } from './sharedHealth.ts';
import { shareKeys } from './sharedKeys.ts';
import { shareResponses } from './sharedResponses.ts';

/** What gateways can have in common. */
export type Common = { figures: Figures; health: Health; affinity: Affinity; spending: BudgetLedger };

export type Shared = Common & {
  /** Undefined if nothing is shared. */
  common?: CommonState | undefined;
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

/** Shares `own` by Redis, if the config asks for it. */
export function openShared(
  own: Common,
  config: Config,
  { environment, log, sealer }: { environment: Environment; log: Log; sealer: Sealer },
): Shared {
  const alone: Shared = {
    ...own,
    start: () => Promise.resolve(),
    problem: () => undefined,
    close: () => Promise.resolve(),
  };
  const { mode, redis_prefix: prefix, redis_wait_ms: waitMs, keep_responses: keepsResponses } = config.Persistence;
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
    waitMs,
    clock: systemClock,
    log,
    newId: randomUUID,
  });
  const shared = shareAll(own, link, keepsResponses ? sealer : undefined);
  return {
    ...shared,
    start: () => link.start(shared.parts, patienceMs),
    problem: () => link.problem(),
    close: () => link.close(),
  };
}

/** `sealer`: for stored responses, if they are shared. */
function shareAll(own: Common, link: RedisLink, sealer: Sealer | undefined) {
  const figures = shareFigures({ figures: own.figures, share: link, now: systemClock.now });
  const health = shareHealth(own.health, link);
  const affinity = shareAffinity(own.affinity, link);
  const budgets = shareBudgets(own.spending, link, systemClock.now);
  const keys = shareKeys(createKeyMemory(), link);
  const responses = sealer && shareResponses(link, sealer, systemClock);
  return {
    figures: figures.figures,
    health: health.health,
    affinity: affinity.affinity,
    spending: budgets.ledger,
    common: { keyMemory: keys.keyMemory, ...(responses && { shelf: responses.shelf }) },
    parts: new Map<string, SharedPart>([
      ['figures', figures.part],
      ['health', health.part],
      ['affinity', affinity.part],
      ['budgets', budgets.part],
      ['keys', keys.part],
      ...(responses ? [['responses', responses.part] as const] : []),
    ]),
  };
}
