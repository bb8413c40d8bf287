/** Limits that are nearly used up, by target and key, until they reset. */
export type Quotas = {
  /** What an answer said: Unix time in ms until which the key is close to a limit, or undefined if it is not. */
  note(target: string, key: QuotaKey | undefined, untilMs: number | undefined): void;
  /** Unix time in ms until which a key is close to a limit; 0 for one that never was. */
  keyUntilMs(target: string, key: string): number;
  /** The same for a target, all of whose provider's keys are. */
  untilMs(target: string, nowMs: number): number;
  clear(): void;
};

/** `of`: how many keys the provider has. */
export type QuotaKey = { id: string; of: number };

export function createQuotas(): Quotas {
  const targets = new Map<string, { of: number; keys: Map<string, number> }>();
  return {
    note(target, key, untilMs) {
      const known = targets.get(target);
      if (untilMs === undefined && !known) return;
      const keys = known?.keys ?? new Map<string, number>();
      if (untilMs === undefined) keys.delete(key?.id ?? '');
      else keys.set(key?.id ?? '', untilMs);
      if (keys.size === 0) targets.delete(target);
      else targets.set(target, { of: key?.of ?? 1, keys });
    },
    keyUntilMs: (target, key) => targets.get(target)?.keys.get(key) ?? 0,
    untilMs(target, nowMs) {
      const known = targets.get(target);
      if (!known) return 0;
      const times = [...known.keys.values()].filter((time) => time > nowMs);
      return times.length >= known.of ? Math.min(...times) : 0;
    },
    clear: () => targets.clear(),
  };
}
