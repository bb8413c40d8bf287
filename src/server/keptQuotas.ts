import * as z from 'zod';
import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { Health } from '../routing/health.ts';
import type { Kept } from './keptFigures.ts';

const quotaSchema = z.object({
  target: z.object({ provider: z.string(), model: z.string(), tier: z.string() }),
  key: z.object({ id: z.string(), of: z.number() }).optional(),
  /** Unix time in ms; absent when it has ended. */
  untilMs: z.number().optional(),
});
type Quota = z.output<typeof quotaSchema>;

/** Models may be named by clients: those that were noted last are kept. */
const maxKept = 1000;

type Parts = {
  /** Keeps a change until the next snapshot. */
  note(quota: unknown): void;
  now(): number;
};

/** The same health, whose knowledge of limits that are nearly used up is kept over a restart, until they reset. */
export function keepQuotas(local: Health, { note, now }: Parts): { health: Health; kept: Kept } {
  const inForce = createBoundedMap<string, Quota>(maxKept);

  function remember(quota: Quota): void {
    if ((quota.untilMs ?? 0) > now()) inForce.set(nameOf(quota), quota);
    else inForce.delete(nameOf(quota));
  }

  function repeat(value: unknown): void {
    const quota = quotaSchema.parse(value);
    remember(quota);
    const { target, key, untilMs } = quota;
    local.noteQuota(target, key, untilMs !== undefined && untilMs > now() ? untilMs : undefined);
  }

  const current = (): Quota[] => [...inForce.keys()].flatMap((name) => inForce.get(name) ?? []);

  return {
    health: {
      ...local,
      noteQuota(target, key, untilMs) {
        local.noteQuota(target, key, untilMs);
        if (untilMs === undefined && inForce.size() === 0) return;
        const { provider, model, tier } = target;
        const quota = { target: { provider, model, tier }, key: key && { id: key.id, of: key.of }, untilMs };
        // Every answer says it, and most say what is known.
        if (inForce.get(nameOf(quota))?.untilMs === untilMs) return;
        remember(quota);
        note(quota);
      },
      clearCooldowns() {
        local.clearCooldowns();
        for (const { untilMs: _, ...quota } of current()) note(quota);
        inForce.clear();
      },
    },
    kept: {
      snapshot: () => current().filter(({ untilMs = 0 }) => untilMs > now()),
      restore: (snapshot) => z.array(z.unknown()).parse(snapshot).forEach(repeat),
      repeat: (values) => values.forEach(repeat),
    },
  };
}

function nameOf({ target, key }: Quota): string {
  return JSON.stringify([target.provider, target.model, key?.id ?? null]);
}
