import * as z from 'zod';
import { createBoundedMap } from '../canonical/boundedMap.ts';
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

/**
 * The same health, whose cooldowns of targets and keys are kept over a restart. They come back only while their time lasts and the
 * config of their provider is unchanged.
 */
export function keepCooldowns(local: Health, { config, note, now }: Parts): { health: Health; kept: Kept } {
  const inForce = createBoundedMap<string, Cooldown>(maxKept);

  function fingerprint({ provider }: Target): string {
    return digest(JSON.stringify(config().Providers.find(({ name }) => name === provider) ?? null));
  }

  function remember(cooldown: Cooldown): void {
    if (cooldown.untilMs > now()) inForce.set(nameOf(cooldown), cooldown);
    else inForce.delete(nameOf(cooldown));
  }

  function start(
    target: Target,
    untilMs: number,
    key?: { id: string; scope: Cooldown['scope']; isLimit: boolean },
  ): void {
    const { provider, model, tier } = target;
    const cooldown = {
      target: { provider, model, tier },
      key: key?.id,
      scope: key?.scope ?? 'target',
      isLimit: key?.isLimit ?? false,
      untilMs,
      config: fingerprint(target),
    };
    remember(cooldown);
    note(cooldown);
  }

  function end(names: Iterable<string>): void {
    for (const name of names) {
      const ended = inForce.get(name);
      if (ended) note({ ...ended, untilMs: 0 });
      inForce.delete(name);
    }
  }

  function repeat(value: unknown): void {
    const cooldown = cooldownSchema.parse(value);
    const { target, key, scope, isLimit, untilMs } = cooldown;
    const isKnown = inForce.has(nameOf(cooldown));
    if (!isKnown && (untilMs <= now() || cooldown.config !== fingerprint(target))) return;
    remember(cooldown);
    if (key === undefined) local.coolDown(target, untilMs);
    else local.coolDownKey(target, key, { scope, untilMs, isLimit });
  }

  return {
    health: {
      ...local,
      coolDown(target, untilMs) {
        local.coolDown(target, untilMs);
        start(target, untilMs);
      },
      coolDownKey(target, key, cooldown) {
        local.coolDownKey(target, key, cooldown);
        const { scope, isLimit, untilMs } = cooldown;
        start(target, untilMs, { id: key, scope, isLimit });
      },
      succeeded(target, latencyMs, key) {
        local.succeeded(target, latencyMs, key);
        if (inForce.size === 0) return;
        end([nameOf({ target, scope: 'target' })]);
        if (key !== undefined) end((['target', 'provider'] as const).map((scope) => nameOf({ target, key, scope })));
      },
      clearCooldowns() {
        local.clearCooldowns();
        end([...inForce.keys()]);
      },
    },
    kept: {
      snapshot: () => [...inForce.keys()].map(inForce.get).filter((cooldown) => cooldown && cooldown.untilMs > now()),
      restore: (snapshot) => z.array(z.unknown()).parse(snapshot).forEach(repeat),
      repeat: (values) => values.forEach(repeat),
    },
  };
}

function nameOf({
  target,
  key,
  scope,
}: {
  target: Target;
  key?: string | undefined;
  scope: Cooldown['scope'];
}): string {
  return JSON.stringify([target.provider, scope === 'target' ? target.model : null, key ?? null]);
}
