import { configSchema } from '../../../src/config/schema.ts';
import { dialectById } from '../../../src/dialects/registry.ts';
import type { Exchange } from '../../../src/gateway/exchange.ts';
import { openAnswer } from '../../../src/gateway/failover.ts';
import { createKeyPool, type PoolKey } from '../../../src/gateway/keyPool.ts';
import { createRequestRouter } from '../../../src/gateway/requestRouter.ts';
import { costOf } from '../../../src/observe/prices.ts';
import type { Usage } from '../../../src/canonical/events.ts';
import { createAffinity, type Affinity } from '../../../src/routing/affinity.ts';
import { createHealth } from '../../../src/routing/health.ts';
import { testSealer } from '../../support/testSealer.ts';
import { createJumpingClock, createWorld, prices, seeded } from './world.ts';

export type Simulated = { requests: number; seed: number; order?: string[]; withAffinity: boolean };

/** What a run of requests cost, how long they waited, and where they went. */
export type Figures = {
  /** Failed although a tier was healthy all the time. */
  lost: number;
  /** Mean time to the first content, failed attempts included. */
  waitMs: number;
  costUsd: number;
  /** Part of the turns that the target of the turn before answered, and of those whose target was healthy. */
  kept: number;
  keptWhileHealthy: number;
  asked: Record<string, number>;
};

const conversations = 20;
const turnsPerConversation = 60;

/** Some 1500 tokens. */
const turnText = 'The function returns the first line that was not read yet. '.repeat(110);

/** An affinity that knows no conversation, for comparison. */
const forgetful: Affinity = { ...createAffinity(), note: () => undefined };

/** Runs requests of interleaved conversations through the router and the failover, at simulated providers. */
export async function simulate({ requests, seed, order, withAffinity }: Simulated): Promise<Figures> {
  const clock = createJumpingClock();
  const world = createWorld(seed, clock);
  const random = seeded(seed + 1);
  const health = createHealth();
  const config = configFor(order ?? world.names, order ? 'ordered' : 'latency');
  const router = createRequestRouter({
    settings: () => ({ config, providers: world.names.map((name) => ({ name, enabled: true as const })) }),
    scope: () => undefined,
    health,
    clock,
    windowOf: () => undefined,
    outputLimitOf: () => undefined,
    pricesOf: () => prices,
    random,
    affinity: withAffinity ? createAffinity() : forgetful,
  });
  const pool = createKeyPool({ health, clock });
  const lastOf = new Map<string, string>();
  const figures: Figures = { lost: 0, waitMs: 0, costUsd: 0, kept: 0, keptWhileHealthy: 0, asked: {} };
  let turns = 0;
  let turnsWhileHealthy = 0;
  for (let index = 0; index < requests; index++) {
    const slot = index % conversations;
    const round = Math.floor(index / conversations);
    const conversation = `c${slot}-${Math.floor((round + slot * 3) / turnsPerConversation)}`;
    const asked = exchangeOf(conversation, (round + slot * 3) % turnsPerConversation);
    const { exchange } = asked;
    const startedAt = clock.now();
    const wasHealthy = world.hasHealthy();
    const read = router.read(exchange, asked.request);
    const decision = router.route(exchange, read, () => undefined);
    const before = lastOf.get(conversation);
    const wasUp = before !== undefined && world.isUp(before);
    let usage: Usage | undefined;
    try {
      const opened = await openAnswer(
        {
          config,
          targets: decision.targets,
          signal: exchange.signal,
          keys: ({ provider }) => [keyOf(provider)],
          chooseKey: (target, keys, tried) => pool.choose({ target, keys, conversation, isOpening: false, tried }),
          sendAttempt: ({ target }) => {
            usage = world.answer(target.provider, conversation, read.estimate.total);
            return Promise.resolve({
              untouched: false,
              next: () => Promise.resolve(undefined),
              close: () => undefined,
            });
          },
          isCold: (target) => router.isCold(read, target),
          onAttempt: () => undefined,
          explain: ({ message }) => message,
          onPassedOver: () => undefined,
          warn: () => undefined,
        },
        { clock, health, random },
      );
      const { target } = opened;
      router.noteAnswer(read, { target, usage }, decision);
      figures.costUsd += (usage && costOf(usage, prices, startedAt)) ?? 0;
      figures.asked[target.provider] = (figures.asked[target.provider] ?? 0) + 1;
      if (before !== undefined) {
        turns++;
        figures.kept += Number(before === target.provider);
        if (wasUp) turnsWhileHealthy++;
        if (wasUp) figures.keptWhileHealthy += Number(before === target.provider);
      }
      lastOf.set(conversation, target.provider);
    } catch {
      if (wasHealthy && world.hasHealthy()) figures.lost++;
    }
    figures.waitMs += clock.now() - startedAt;
    clock.jump(500 + Math.round(random() * 1000));
  }
  figures.waitMs /= requests;
  figures.kept /= turns;
  figures.keptWhileHealthy /= turnsWhileHealthy;
  return figures;
}

function keyOf(provider: string): PoolKey {
  return { id: provider, text: 'secret', place: 1, of: 1 };
}

function configFor(names: readonly string[], strategy: 'ordered' | 'latency') {
  return configSchema.parse({
    Providers: names.map((name) => ({ name, api_base_url: `http://${name}.test/v1`, models: ['m'] })),
    Router: { default: `${names[0]},m`, tiers: names.map((name) => `${name},m`), strategy },
  });
}

/** The request of a conversation that has had `turn` answers. */
function exchangeOf(conversation: string, turn: number) {
  const messages = [{ role: 'user', content: turnText }];
  for (let index = 0; index < turn; index++)
    messages.push({ role: 'assistant', content: 'Done.' }, { role: 'user', content: turnText });
  const body = { model: 'auto', messages };
  const dialect = dialectById('openai-chat');
  const exchange: Exchange = {
    id: 'req_1',
    dialect,
    client: 'codex',
    body,
    headers: { 'session-id': conversation },
    query: '',
    signal: new AbortController().signal,
    response: { isOpen: () => false, open: () => undefined, write: () => undefined, end: () => undefined },
  };
  return { exchange, request: dialect.readRequest(body, testSealer) };
}
