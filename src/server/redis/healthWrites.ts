import type { Health } from '../../routing/health.ts';
import type { Call, Command, KeptState } from './outbox.ts';
import type { Share } from './share.ts';

/** The calls that change what is known of targets. */
export const healthChanges = ['succeeded', 'failed', 'note', 'noteQuota', 'coolDown', 'coolDownKey'] as const;
export type HealthChange = (typeof healthChanges)[number];
export type Target = Parameters<Health['coolDown']>[0];

/** How long latencies are kept after the last answer, and circuits after their wait. Milliseconds. */
const latencyMs = 7 * 24 * 3_600_000;
const circuitMs = 600_000;

/** What calls leave in Redis for gateways that start later. What ends at some time is a key that Redis deletes at that time. */
export function createHealthWrites(local: Health, share: Share) {
  const untilSet = `${share.prefix}:live:until`;
  const untilPrefix = `${share.prefix}:live:until:`;
  const latencyKey = `${share.prefix}:live:latency`;
  const ewmaKey = `${share.prefix}:state:ewma`;

  /** Until `endsAtMs`, by the clock of this gateway. */
  function until(name: string, endsAtMs: number, call: Call): Command[] {
    const end = String(Math.ceil(share.toShared(endsAtMs)));
    return [
      ['SET', untilPrefix + name, JSON.stringify(call), 'PXAT', end],
      ['ZADD', untilSet, end, name],
    ];
  }

  const forget = (name: string): Command[] => [
    ['DEL', untilPrefix + name],
    ['ZREM', untilSet, name],
  ];

  function circuitWrites(target: Target): Command[] {
    const { circuit } = local.snapshotOf(target);
    const name = `circuit ${target.provider},${target.model}`;
    if (circuit?.openUntilMs === undefined) return forget(name);
    const moved = { ...circuit, probedAtMs: undefined, openUntilMs: share.toShared(circuit.openUntilMs) };
    return until(name, circuit.openUntilMs + circuitMs, ['health', 'adopt', target, { circuit: moved }]);
  }

  function latencyWrites(target: Target): Command[] {
    const { latency, answers } = local.snapshotOf(target);
    return [
      ['HSET', latencyKey, JSON.stringify(target), JSON.stringify({ latency, answers })],
      ['PEXPIRE', latencyKey, String(latencyMs)],
    ];
  }

  /** The states that a change contributes to. */
  function statesOf(change: unknown, target: Target): KeptState[] {
    const name = `${target.provider},${target.model}`;
    if (change === 'note') return [[`circuit ${name}`, () => circuitWrites(target)]];
    if (change !== 'succeeded' && change !== 'failed') return [];
    return [
      [`latency ${name} ${target.tier}`, () => latencyWrites(target)],
      [`tier ${target.tier}`, () => tierWrites(local, ewmaKey, target.tier)],
    ];
  }

  function writesOf(change: HealthChange, values: readonly unknown[]): Command[] {
    const call = shifted(['health', change, ...values], share.toShared);
    const [target, second, third] = values as [Target, unknown, unknown];
    const name = `${target.provider},${target.model}`;
    if (change === 'coolDown') return until(`cooldown ${name}`, second as number, call);
    if (change === 'coolDownKey') {
      const { scope, untilMs } = third as { scope: string; untilMs: number };
      return until(`key ${scope === 'target' ? name : target.provider} ${String(second)}`, untilMs, call);
    }
    if (change === 'noteQuota') {
      const quota = `quota ${name} ${(second as { id: string } | undefined)?.id ?? ''}`;
      return typeof third === 'number' ? until(quota, third, call) : forget(quota);
    }
    if (change !== 'succeeded') return [];
    const keys = third === undefined ? [] : [`key ${name} ${String(third)}`, `key ${target.provider} ${String(third)}`];
    return [`cooldown ${name}`, ...keys].flatMap(forget);
  }

  return {
    of: writesOf,
    statesOf,
    keys: { untilSet, until: untilPrefix, latency: latencyKey, ewma: ewmaKey },
  };
}

function tierWrites(local: Health, key: string, tier: string): Command[] {
  const measured = local.latencies().filter((each) => each.tier === tier);
  return measured.map(({ ewma_seconds: ewma, sample_count: samples }) => [
    'HSET',
    key,
    tier,
    JSON.stringify({ ewma, samples }),
  ]);
}

/** A call with all its times by another clock. */
export function shifted(call: Call, shift: (ms: number) => number): Call {
  const move = (value: unknown): unknown => (typeof value === 'number' && value > 0 ? shift(value) : value);
  const [part, change, target, second, third] = call;
  switch (change) {
    case 'coolDown':
      return [part, change, target, move(second)];
    case 'noteQuota':
      return [part, change, target, second, move(third)];
    case 'coolDownKey': {
      const cooldown = third as { untilMs: number };
      return [part, change, target, second, { ...cooldown, untilMs: move(cooldown.untilMs) }];
    }
    case 'note': {
      const outcome = second as { atMs: number; sinceMs?: number };
      return [part, change, target, { ...outcome, atMs: move(outcome.atMs), sinceMs: move(outcome.sinceMs) }];
    }
    case 'adopt': {
      const { circuit } = second as { circuit?: { openUntilMs?: number } };
      return [part, change, target, { circuit: circuit && { ...circuit, openUntilMs: move(circuit.openUntilMs) } }];
    }
    default:
      return call;
  }
}
