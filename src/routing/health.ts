import type { ErrorKind } from '../canonical/errors.ts';
import { createCircuits, type Circuit } from './circuits.ts';
import {
  createLatencies,
  type Latencies,
  type LatenciesSnapshot,
  type Latency,
  type LatencySnapshot,
} from './latencies.ts';
import { createQuotas, type QuotaKey, type Quotas } from './quotas.ts';
import type { Target } from './route.ts';

/**
 * What an attempt says of its target: it `answered`; it `refused` the request, which another one may pass; it `failed`, and would
 * fail for others too; it is `limited`,
 * by its account or its load, until a cooldown ends; or nothing is known, since the client was gone. `sinceMs`: when it began.
 */
export type Outcome =
  | { result: 'answered' | 'refused' | 'unknown'; atMs: number; sinceMs?: number | undefined }
  | {
      result: 'failed' | 'limited';
      atMs: number;
      sinceMs?: number | undefined;
      kind: ErrorKind;
      message: string;
      key?: number | undefined;
    };

/** The last failure and the last answer of a target. Unix time in ms. `message`: in the provider's words, without the prompt. */
export type TargetHistory = {
  lastFailure?: { atMs: number; kind: ErrorKind; message: string; key?: number | undefined } | undefined;
  /** The failure came after the last answer and after the last change of the config. */
  isFailing?: boolean | undefined;
  lastSuccessAtMs?: number | undefined;
};

/** What outlasts a single request, for gateways that share it. Unix time in ms. */
export type TargetSnapshot = LatencySnapshot & { circuit?: Circuit | undefined };

/** How fast each target is, how it answered last, and which targets and keys are on cooldown. */
export type Health = {
  /**
   * A target answered: records its latency and ends the cooldowns of the target and of the key. `latencyMs` is the time to
   * the first content, `key` the id of the key that was sent. `isCold`: the conversation's prompt was not in the target's cache, so
   * that the time to read it counts little.
   */
  succeeded(target: Target, latencyMs: number, key?: string, isCold?: boolean): void;
  /** A target failed, and not because of the request: makes it count as slower. `durationMs` is the time until it failed. */
  failed(target: Target, durationMs: number): void;
  /** Every attempt's outcome: opens and closes circuits, and is kept as the target's history. */
  note(target: Target, outcome: Outcome): void;
  history(target: Target): TargetHistory;
  /**
   * Whether a request may be sent to the target now: its circuit is closed, or the request becomes its probe. `note` must follow.
   */
  admit(target: Target, nowMs: number): boolean;
  /** Unix time in ms until which the target's circuit is open; 0 if it is closed. */
  circuitUntilMs(target: Target): number;
  /** An answer said until when a limit of the target is nearly used up (Unix time in ms), or that none is. */
  noteQuota(target: Target, key: QuotaKey | undefined, untilMs: number | undefined): void;
  /** Unix time in ms until which a key is close to a limit; 0 for one that never was. */
  keyQuotaUntilMs(target: Target, key: string): number;
  /** Routing puts the target behind the others until `untilMs` (Unix time). */
  coolDown(target: Target, untilMs: number): void;
  /** The key pool prefers other keys until the cooldown ends. */
  coolDownKey(target: Target, key: string, cooldown: KeyCooldown): void;
  /** For a changed config, with which what failed may work: no target counts as failing. */
  clearCooldowns(): void;
  /** Unix time in ms until which the target is on cooldown or its circuit is open; 0 if neither ever was. */
  cooldownUntilMs(target: Target): number;
  isOnCooldown(target: Target, nowMs: number): boolean;
  standing(target: Target, nowMs: number): Standing;
  /** Unix time in ms; 0 for a key that was never on cooldown. */
  keyCooldownUntilMs(target: Target, key: string): number;
  /** Unix time in ms until which the key is rate-limited; 0 for a key that is not, or is on cooldown for another reason. */
  keyLimitUntilMs(target: Target, key: string): number;
  /**
   * Moving average in ms; undefined before the first answer. With `nowMs` (Unix time), the penalty of failures fades with the
   * time since the last one.
   */
  latencyMs(target: Target, nowMs?: number): number | undefined;
  /** Moving average in ms of the time to the first content, of answers alone; undefined before the first one. */
  firstContentMs(target: Target): number | undefined;
  /** The number of answers and failures in the average. */
  samples(target: Target): number;
  latencies(): Latency[];
  snapshotOf(target: Target): TargetSnapshot;
  /** Takes over what another gateway knows of a target, as far as it knows more. */
  adopt(target: Target, snapshot: TargetSnapshot): void;
  adoptLatency(latency: Latency): void;
  /** Sets the circuit of a target to what an earlier process knew; undefined closes it. */
  restoreCircuit(target: Target, circuit: Circuit | undefined): void;
  latenciesSnapshot(): LatenciesSnapshot;
  restoreLatencies(snapshot: LatenciesSnapshot): void;
};

/** What routing asks of a target. */
export type Standing = {
  /** Unix time in ms until which it is on cooldown or its circuit is open. */
  cooldownUntilMs: number | undefined;
  /** Unix time in ms until which all its keys are close to a limit. */
  quotaUntilMs: number | undefined;
  /** See `Health.latencyMs`. */
  latencyMs: number | undefined;
  /** As `Health.firstContentMs`, of a target that has answered in the last ten minutes. */
  usualMs: number | undefined;
};

/** A target whose last answer is older may be gone for long. Milliseconds. */
const recentMs = 600_000;

export type KeyCooldown = {
  /** Whether the key is unusable for this target alone or for every model of its provider. */
  scope: 'target' | 'provider';
  /** Unix time in ms. */
  untilMs: number;
  /** The key itself is fine, but rate-limited. */
  isLimit: boolean;
};

/** In memory. Latencies, cooldowns and circuits can be kept over a restart: see server/keptCooldowns.ts. */
export function createHealth(): Health {
  const latencies = createLatencies();
  const cooldowns = new Map<string, number>();
  const keyCooldowns = new Map<string, KeyCooldown>();
  const circuits = createCircuits();
  const quotas = createQuotas();
  const histories = new Map<string, TargetHistory>();
  const historyOf = (target: Target): TargetHistory => histories.get(targetName(target)) ?? {};
  const cooldownOf = (name: string): number => Math.max(cooldowns.get(name) ?? 0, circuits.openUntilMs(name));
  const cooldownUntilMs = (target: Target): number => cooldownOf(targetName(target));

  return {
    succeeded(target, latencyMs, key, isCold = false) {
      const name = targetName(target);
      latencies.succeeded(name, target.tier, latencyMs, isCold);
      cooldowns.delete(name);
      if (key === undefined || keyCooldowns.size === 0) return;
      for (const scope of ['target', 'provider'] as const) keyCooldowns.delete(keyName(target, key, scope));
    },
    failed: (target, durationMs) => latencies.failed(targetName(target), durationMs),
    note(target, outcome) {
      const name = targetName(target);
      const { result, atMs } = outcome;
      const before = histories.get(name);
      if (result === 'answered' || result === 'refused') circuits.succeeded(name);
      else if (result === 'failed') circuits.failed(name, atMs);
      else circuits.released(name, outcome.sinceMs ?? atMs);
      if (result === 'answered') histories.set(name, { ...before, isFailing: false, lastSuccessAtMs: atMs });
      if (result !== 'failed' && result !== 'limited') return;
      histories.set(name, { ...before, isFailing: true, lastFailure: failureOf(outcome) });
    },
    history: historyOf,
    admit: (target, nowMs) => circuits.admit(targetName(target), nowMs),
    circuitUntilMs: (target) => circuits.openUntilMs(targetName(target)),
    noteQuota: (target, key, untilMs) => quotas.note(targetName(target), key, untilMs),
    keyQuotaUntilMs: (target, key) => quotas.keyUntilMs(targetName(target), key),
    coolDown: (target, untilMs) => void cooldowns.set(targetName(target), untilMs),
    coolDownKey: (target, key, cooldown) => void keyCooldowns.set(keyName(target, key, cooldown.scope), cooldown),
    clearCooldowns() {
      cooldowns.clear();
      keyCooldowns.clear();
      circuits.clear();
      quotas.clear();
      for (const [name, history] of histories) histories.set(name, { ...history, isFailing: false });
    },
    cooldownUntilMs,
    isOnCooldown: (target, nowMs) => cooldownUntilMs(target) > nowMs,
    standing: (target, nowMs) => standingOf(targetName(target), nowMs, { cooldownOf, quotas, latencies, histories }),
    keyCooldownUntilMs: (target, key) =>
      Math.max(
        keyCooldowns.get(keyName(target, key, 'target'))?.untilMs ?? 0,
        keyCooldowns.get(keyName(target, key, 'provider'))?.untilMs ?? 0,
      ),
    keyLimitUntilMs(target, key) {
      const cooldown = keyCooldowns.get(keyName(target, key, 'target'));
      return cooldown?.isLimit ? cooldown.untilMs : 0;
    },
    latencyMs: (target, nowMs) => latencies.latencyMs(targetName(target), historyOf(target).lastFailure?.atMs, nowMs),
    firstContentMs: (target) => latencies.firstContentMs(targetName(target)),
    samples: (target) => latencies.samples(targetName(target)),
    latencies: latencies.all,
    snapshotOf(target) {
      const name = targetName(target);
      return { ...latencies.snapshot(name), circuit: circuits.snapshot(name) };
    },
    adopt(target, { circuit, ...measured }) {
      const name = targetName(target);
      latencies.adopt(name, measured);
      if (circuit) circuits.adopt(name, circuit);
    },
    adoptLatency: latencies.adoptTier,
    restoreCircuit: (target, circuit) => circuits.restore(targetName(target), circuit),
    latenciesSnapshot: latencies.snapshotAll,
    restoreLatencies: latencies.restoreAll,
  };
}

type Stores = {
  cooldownOf(name: string): number;
  quotas: Quotas;
  latencies: Latencies;
  histories: ReadonlyMap<string, TargetHistory>;
};

function standingOf(name: string, nowMs: number, { cooldownOf, quotas, latencies, histories }: Stores): Standing {
  const { lastFailure, lastSuccessAtMs = -Infinity } = histories.get(name) ?? {};
  const untilMs = cooldownOf(name);
  return {
    cooldownUntilMs: untilMs > nowMs ? untilMs : undefined,
    quotaUntilMs: quotas.untilMs(name, nowMs) || undefined,
    latencyMs: latencies.latencyMs(name, lastFailure?.atMs, nowMs),
    usualMs: nowMs - lastSuccessAtMs <= recentMs ? latencies.firstContentMs(name) : undefined,
  };
}

function failureOf({
  atMs,
  kind,
  message,
  key,
}: Outcome & { result: 'failed' | 'limited' }): TargetHistory['lastFailure'] {
  return { atMs, kind, message, key };
}

function targetName({ provider, model }: Target): string {
  return `${provider},${model}`;
}

function keyName(target: Target, key: string, scope: KeyCooldown['scope']): string {
  return `${scope === 'target' ? targetName(target) : target.provider} ${key}`;
}
