import { GatewayError } from '../canonical/errors.ts';
import { own } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import {
  formatTarget,
  isRouteName,
  isSameTarget,
  parseTarget,
  resolveTarget,
  routeNames,
  routerStrategy,
  routeText,
  tierTargets,
} from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { Health } from './health.ts';

/** A model at a provider. */
export type Target = {
  provider: string;
  model: string;
  /** The label in metrics: the provider's `tier_name`, else its name. */
  tier: string;
};

export type RouteReason =
  | 'preset'
  | 'scope'
  | 'direct'
  | 'mapping'
  | 'model'
  | 'route'
  | 'default'
  | 'unknown-model'
  /** Set by the gateway: a compaction goes to the target that last answered its conversation. */
  | 'compaction';

/** The choice of the window behind a scope; it takes precedence over the client's model. */
export type ScopeChoice = { preset: string } | { route: string };

export type RouteQuestion = {
  model: string | undefined;
  /** From the URL. */
  preset?: string | undefined;
  scope?: ScopeChoice | undefined;
  /** Selects the model mappings. */
  frontend: 'codex' | 'claudeCode';
};

/** Runtime state that the config does not hold. */
export type RouteFacts = {
  health: Health;
  /** Unix time in ms. */
  nowMs: number;
  /** Whether requests can be sent to the provider: it is not disabled, and has the key that it needs. */
  isEnabled(provider: string): boolean;
};

/** The result of the routing rules, before fallbacks are added. */
type Match = { target: string; reason: RouteReason; parameters?: JsonObject };

/**
 * Why a candidate has its place in the order:
 * - `matched`: the routing rule named it;
 * - `fallback`: the configured order;
 * - `latency`: its measured latency;
 * - `unmeasured`: others are ordered by latency, and it has none yet;
 * - `cooling-last`: it is on cooldown, and others are not.
 */
export type RoutePosition = 'matched' | 'fallback' | 'latency' | 'unmeasured' | 'cooling-last';

/** A target that was considered, with what decided on its place. */
export type RouteCandidate = {
  target: Target;
  position: RoutePosition;
  /** Unix time in ms; absent when the target is not on cooldown. */
  cooldownUntilMs?: number | undefined;
  /** Moving average in ms; absent before the first answer. */
  latencyMs?: number | undefined;
};

export type RouteDecision = {
  /** All targets in the order in which they are tried. */
  targets: Target[];
  /** The same targets, each with the reason for its place. */
  candidates: RouteCandidate[];
  /** The target that the rule in `reason` named. Latency or a cooldown may have put another one first. */
  matched: Target;
  /** The rule that named `matched`. */
  reason: RouteReason;
  /** The preset's request parameters; the request's own win. */
  parameters: JsonObject;
};

/**
 * Orders the targets for a request. Rules, in contract.md's order: preset in the URL, scope, direct, mapping, exact model,
 * names of presets and routes, default.
 * @throws GatewayError `not-found` for a provider, preset or model of a listed provider that does not exist.
 */
export function route(config: Config, question: RouteQuestion, facts: RouteFacts): RouteDecision {
  const match = findMatch(config, question, facts);
  const matched = toTarget(config, match.target);
  if (!matched)
    throw new GatewayError(
      'not-found',
      `The route "${match.target}" is not "provider,model". Correct it in the config.`,
    );
  const candidates = rankCandidates(config, matched, match.reason, facts);
  return {
    targets: candidates.map(({ target }) => target),
    candidates,
    matched,
    reason: match.reason,
    parameters: match.parameters ?? {},
  };
}

function toTarget(config: Config, text: string): Target | undefined {
  const target = resolveTarget(config.Router, text);
  return target && { ...target, tier: tierLabel(config, target.provider) };
}

function tierLabel(config: Config, provider: string): string {
  return config.Providers.find(({ name }) => name === provider)?.tier_name ?? provider;
}

function findMatch(config: Config, question: RouteQuestion, facts: RouteFacts): Match {
  if (question.preset !== undefined) return presetMatch(config, question.preset, 'preset');
  if (question.scope) return scopeMatch(config, question.scope);
  const model = question.model?.trim() ?? '';
  if (model.includes(',') && !config.Router.ignoreDirect) return directMatch(config, model);
  const mappings = config.Frontend[question.frontend].modelMappings;
  const mapped = model === 'default' ? undefined : own(mappings, model);
  if (mapped !== undefined) return namedMatch(config, mapped, 'mapping');
  return modelMatch(config, model, facts) ?? intentMatch(config, model, own(mappings, 'default'));
}

function presetMatch(config: Config, name: string, reason: RouteReason): Match {
  const preset = own(config.Presets, name);
  if (!preset)
    throw new GatewayError(
      'not-found',
      `There is no preset "${name}". ${listing('Presets', Object.keys(config.Presets))}`,
      { param: 'preset' },
    );
  const { route: target, ...parameters } = preset;
  return { target, reason, parameters };
}

function scopeMatch(config: Config, choice: ScopeChoice): Match {
  if ('preset' in choice) return presetMatch(config, choice.preset, 'scope');
  return namedMatch(config, choice.route, 'scope');
}

function directMatch(config: Config, model: string): Match {
  const target = parseTarget(model);
  const provider = config.Providers.find(({ name }) => name === target?.provider);
  if (!target || !provider) {
    const names = config.Providers.map(({ name }) => name);
    throw new GatewayError(
      'not-found',
      `There is no provider "${target?.provider ?? model}". ${listing('Providers', names)}`,
      { param: 'model' },
    );
  }
  if (!provider.models.includes(target.model)) {
    const models = listing('Its models', provider.models);
    throw new GatewayError(
      'not-found',
      `The provider "${provider.name}" has no model "${target.model}" in the config. ${models}`,
      { param: 'model' },
    );
  }
  return { target: formatTarget(target), reason: 'direct' };
}

/** Resolves the target of a mapping or a scope: `provider,model`, a preset or a route. */
function namedMatch(config: Config, name: string, reason: RouteReason): Match {
  if (name.includes(',')) return { target: name, reason };
  if (own(config.Presets, name)) return presetMatch(config, name, reason);
  if (isRouteName(name) && routeText(config.Router, name) !== undefined) return { target: name, reason };
  const known = [...Object.keys(config.Presets), ...routeNames.filter((route) => routeText(config.Router, route))];
  throw new GatewayError(
    'not-found',
    `"${name}" is not a provider,model, preset or route. ${listing('Presets and routes', known)}`,
  );
}

/** Prefers an enabled provider; a disabled one still matches, so that the error names it. */
function modelMatch(config: Config, model: string, facts: RouteFacts): Match | undefined {
  const having = config.Providers.filter(({ models }) => models.includes(model));
  const provider = having.find(({ name }) => facts.isEnabled(name)) ?? having[0];
  return provider && { target: formatTarget({ provider: provider.name, model }), reason: 'model' };
}

function intentMatch(config: Config, model: string, mappedDefault: string | undefined): Match {
  if (own(config.Presets, model)) return presetMatch(config, model, 'preset');
  if (model !== 'default' && isRouteName(model) && routeText(config.Router, model) !== undefined) {
    return { target: model, reason: 'route' };
  }
  // The mapping named "default" applies to unknown model names only: `auto` and no model at all ask for CCR's own default.
  if (model === '' || model === 'auto' || model === 'default') {
    return { target: config.Router.default, reason: 'default' };
  }
  if (mappedDefault !== undefined) return namedMatch(config, mappedDefault, 'mapping');
  return { target: config.Router.default, reason: 'unknown-model' };
}

/** Adds the fallbacks and orders all of them. Targets on cooldown go last, but stay: one may still be the only one to answer. */
function rankCandidates(
  config: Config,
  matched: Target,
  reason: RouteReason,
  { health, nowMs }: RouteFacts,
): RouteCandidate[] {
  const toCandidate = (target: Target, position: RoutePosition): RouteCandidate => ({
    target,
    position,
    cooldownUntilMs: health.isOnCooldown(target, nowMs) ? health.cooldownUntilMs(target) : undefined,
    latencyMs: health.latencyMs(target),
  });
  const first = toCandidate(matched, 'matched');
  const fallbacks = tierTargets(config.Router)
    .filter((target) => !isSameTarget(target, matched))
    .map((target) => toCandidate({ ...target, tier: tierLabel(config, target.provider) }, 'fallback'));
  return coolingLast(
    routerStrategy(config.Router) === 'ordered'
      ? [first, ...fallbacks]
      : mayReplaceMatched(config, reason)
        ? byLatency([first, ...fallbacks])
        : [first, ...byLatency(fallbacks)],
  );
}

/** Whether a faster tier may go before the matched target: only if the client chose no model and the config lists its tiers. */
function mayReplaceMatched({ Router }: Config, reason: RouteReason): boolean {
  return (reason === 'default' || reason === 'unknown-model') && Router.tiers !== undefined;
}

/** Unmeasured targets sort last, in their configured order. */
function byLatency(candidates: RouteCandidate[]): RouteCandidate[] {
  if (candidates.every(({ latencyMs }) => latencyMs === undefined)) return candidates;
  return candidates
    .map((each) => ({
      ...each,
      position: each.latencyMs === undefined ? ('unmeasured' as const) : ('latency' as const),
    }))
    .toSorted((a, b) => (a.latencyMs ?? Number.MAX_VALUE) - (b.latencyMs ?? Number.MAX_VALUE));
}

function coolingLast(candidates: RouteCandidate[]): RouteCandidate[] {
  const ready = candidates.filter(({ cooldownUntilMs }) => cooldownUntilMs === undefined);
  if (ready.length === 0) return candidates;
  const cooling = candidates.filter(({ cooldownUntilMs }) => cooldownUntilMs !== undefined);
  return [...ready, ...cooling.map((each) => ({ ...each, position: 'cooling-last' as const }))];
}

function listing(what: string, names: string[]): string {
  return names.length > 0 ? `${what}: ${names.join(', ')}.` : 'The config has none.';
}
