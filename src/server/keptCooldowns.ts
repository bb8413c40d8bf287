import * as z from 'zod';
import { createBoundedMap } from '../canonical/boundedMap.ts';
import { findNamed } from '../canonical/lists.ts';
import type { Config } from '../config/schema.ts';
import { digest } from '../reasoning/turnHash.ts';
import type { Health } from '../routing/health.ts';
import type { Target } from '../routing/route.ts';
import type { Kept } from './keptFigures.ts';

const cooldownSchema = z.object({
  target: z.object({ provider: z.string(), model: z.string(), tier: z.string() }),
  /** The id of a key, if the target's others are usable. */
  key: z.string().optional(),
  scope: z.enum(['target', 'provider']),
  isLimit: z.boolean(),
  /** Of an open circuit, which waits until `untilMs` for its probe. */
  circuit: z.object({ failures: z.number(), waitMs: z.number() }).optional(),
  /** Unix time in ms; 0 if it has ended early. */
  untilMs: z.number(),
  /** Of the provider's config, whose change may have ended the failure. */
  config: z.string(),
});
type Cooldown = z.output<typeof cooldownSchema>;

/** Models may be named by clients: the cooldowns that began last are kept. */
const maxKept = 1000;

type Parts = {
  config(): Config;
  /** Keeps a change until the next snapshot. */
  note(cooldown: unknown): void;
  now(): number;
};

/** The cooldowns that are in force, each change of which is noted. */
function createInForce({ config, note, now }: Parts) {
  const inForce = createBoundedMap<string, Cooldown>(maxKept);

  function fingerprint({ provider }: Target): string {
    return digest(JSON.stringify(findNamed(config().Providers, provider) ?? null));
  }

  function remember(cooldown: Cooldown): void {
    if (lastsUntilMs(cooldown) > now()) inForce.set(nameOf(cooldown), cooldown);
    else inForce.delete(nameOf(cooldown));
  }

  function end(names: Iterable<string>): void {
    for (const name of names) {
      const ended = inForce.get(name);
      if (ended) note({ ...ended, untilMs: 0 });
      inForce.delete(name);
    }
  }

  return {
    start(
      target: Target,
      untilMs: number,
      of: Partial<Pick<Cooldown, 'key' | 'scope' | 'isLimit' | 'circuit'>> = {},
    ): void {
      const { provider, model, tier } = target;
      const cooldown: Cooldown = {
        target: { provider, model, tier },
        scope: 'target',
        isLimit: false,
        ...of,
        untilMs,
        config: fingerprint(target),
      };
      remember(cooldown);
      note(cooldown);
    },
    end,
    endAll: () => end([...inForce.keys()]),
    /** Takes over what an earlier process noted, and returns whether that still counts. */
    takeOver(cooldown: Cooldown): boolean {
      const counts = lastsUntilMs(cooldown) > now() && cooldown.config === fingerprint(cooldown.target);
      if (!counts && !inForce.has(nameOf(cooldown))) return false;
      remember(cooldown);
      return true;
    },
    untilMs: (name: string): number => inForce.get(name)?.untilMs ?? 0,
    isEmpty: (): boolean => inForce.size() === 0,
    snapshot: () => [...inForce.keys()].map(inForce.get).filter((each) => each && lastsUntilMs(each) > now()),
  };
}

/**
 * The same health, whose cooldowns of targets and keys and whose open circuits are kept over a restart. They come back only while
 * their time lasts and the config of their provider is unchanged. A circuit whose wait is over comes back for as long again, so that
 * one request is its probe and not all.
 */
export function keepCooldowns(local: Health, parts: Parts): { health: Health; kept: Kept } {
  const inForce = createInForce(parts);

  function noteCircuit(target: Target): void {
    const untilMs = local.circuitUntilMs(target);
    if (untilMs === 0 && inForce.isEmpty()) return;
    const name = nameOf({ target, scope: 'target', circuit: true });
    if (untilMs === inForce.untilMs(name)) return;
    const { circuit } = local.snapshotOf(target);
    if (untilMs === 0 || !circuit) return inForce.end([name]);
    inForce.start(target, untilMs, { circuit: { failures: circuit.failures, waitMs: circuit.waitMs } });
  }

  function repeat(value: unknown): void {
    const cooldown = cooldownSchema.parse(value);
    const { target, key, scope, isLimit, untilMs, circuit } = cooldown;
    if (!inForce.takeOver(cooldown)) return;
    if (circuit) local.restoreCircuit(target, untilMs === 0 ? undefined : { ...circuit, openUntilMs: untilMs });
    else if (key === undefined) local.coolDown(target, untilMs);
    else local.coolDownKey(target, key, { scope, untilMs, isLimit });
  }

  return {
    health: {
      ...local,
      coolDown(target, untilMs) {
        local.coolDown(target, untilMs);
        inForce.start(target, untilMs);
      },
      coolDownKey(target, key, cooldown) {
        local.coolDownKey(target, key, cooldown);
        const { scope, isLimit, untilMs } = cooldown;
        inForce.start(target, untilMs, { key, scope, isLimit });
      },
      succeeded(target, latencyMs, key, isCold) {
        local.succeeded(target, latencyMs, key, isCold);
        if (inForce.isEmpty()) return;
        inForce.end([nameOf({ target, scope: 'target' })]);
        if (key !== undefined)
          inForce.end((['target', 'provider'] as const).map((scope) => nameOf({ target, key, scope })));
      },
      note(target, outcome) {
        local.note(target, outcome);
        noteCircuit(target);
      },
      clearCooldowns() {
        local.clearCooldowns();
        inForce.endAll();
      },
    },
    kept: {
      snapshot: inForce.snapshot,
      restore: (snapshot) => z.array(z.unknown()).parse(snapshot).forEach(repeat),
      repeat: (values) => values.forEach(repeat),
    },
  };
}

function lastsUntilMs({ untilMs, circuit }: Cooldown): number {
  return untilMs === 0 ? 0 : untilMs + (circuit?.waitMs ?? 0);
}

type Named = { target: Target; key?: string | undefined; scope: Cooldown['scope']; circuit?: unknown };

function nameOf({ target, key, scope, circuit }: Named): string {
  return JSON.stringify([
    target.provider,
    scope === 'target' ? target.model : null,
    key ?? null,
    circuit !== undefined,
  ]);
}
