import * as z from 'zod';
import type { Health, TargetSnapshot } from '../../routing/health.ts';
import {
  createHealthWrites,
  healthChanges as changes,
  shifted,
  type HealthChange as Change,
  type Target,
} from './healthWrites.ts';
import type { Call } from './outbox.ts';
import { parsed, pairsOf } from './replies.ts';
import { readUntil } from './scripts.ts';
import type { Share, SharedPart } from './share.ts';

/**
 * Cooldowns, circuits, quotas and latencies, shared. Every gateway repeats the calls of the others, so reads stay local. What is
 * in force until some time is also a key of its own that ends at that time, for gateways that start later.
 */
export function shareHealth(local: Health, share: Share): { health: Health; part: SharedPart } {
  const writes = createHealthWrites(local, share);

  function repeat(call: Call): void {
    const [, change, ...sent] = shifted(call, share.fromShared);
    // JSON has no undefined.
    const values = sent.map((value) => value ?? undefined);
    if (change === 'adopt') local.adopt(values[0] as Target, values[1] as TargetSnapshot);
    const found = changes.find((each) => each === change);
    if (found) (local[found] as (...values: unknown[]) => void)(...values);
  }

  const told = changes.map((change) => [
    change,
    (...values: unknown[]) => {
      (local[change] as (...values: unknown[]) => void)(...values);
      const call = shifted(['health', change, ...values], share.toShared);
      share.tell([call], writes.of(change, values), writes.statesOf(change, values[0] as Target));
    },
  ]);
  return {
    health: { ...local, ...(Object.fromEntries(told) as Pick<Health, Change>) },
    part: {
      reads: () => [
        ['EVAL', readUntil, '1', writes.keys.untilSet, writes.keys.until],
        ['HGETALL', writes.keys.latency],
        ['HGETALL', writes.keys.ewma],
      ],
      restore([inForce, latencies, tiers]) {
        for (const [, text] of pairsOf(inForce)) {
          const call = parsed(text);
          if (Array.isArray(call)) repeat(call as unknown as Call);
        }
        for (const [target, snapshot] of pairsOf(latencies))
          local.adopt(parsed(target) as Target, parsed(snapshot) as TargetSnapshot);
        for (const [tier, text] of pairsOf(tiers)) {
          const { data } = tierSchema.safeParse(parsed(text));
          if (data) local.adoptLatency({ tier, ewma_seconds: data.ewma, sample_count: data.samples });
        }
      },
      apply(call) {
        repeat(call);
        const [, change, target] = call;
        writes.statesOf(change, target as Target).forEach(share.changed);
      },
    },
  };
}

const tierSchema = z.looseObject({ ewma: z.number(), samples: z.number() });
