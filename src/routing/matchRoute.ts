import { GatewayError } from '../canonical/errors.ts';
import { own } from '../canonical/json.ts';
import { findNamed } from '../canonical/lists.ts';
import type { JsonObject } from '../canonical/request.ts';
import { rememberByObject } from '../canonical/remember.ts';
import {
  formatTarget,
  isRouteName,
  parseTarget,
  resolveTarget,
  routeNames,
  routeText,
  type ModelRef,
  type RouteName,
} from '../config/routes.ts';
import { placeOfRule } from '../config/ruleSchema.ts';
import type { Config } from '../config/schema.ts';
import type { Intent } from './intent.ts';
import { matchIntent } from './matchIntent.ts';
import { findModelName } from './modelNames.ts';
import { ruleHolds, type RuleFacts } from './rules.ts';

export type RouteReason =
  | 'preset'
  | 'scope'
  /** One of `Router.rules`. */
  | 'rule'
  | 'direct'
  | 'mapping'
  | 'model'
  | 'route'
  | 'default'
  | 'unknown-model'
  /** Set by the gateway: a compaction goes to the target that last answered its conversation. */
  | 'compaction'
  /** The request depends on a web search, which the route `webSearch` answers. */
  | 'web-search'
  /** There is an image in the newest turn. */
  | 'image'
  /** The request is long enough for `Router.longContext`. */
  | 'long-context'
  /** The request asks for thinking, or for a reasoning model. */
  | 'think'
  /** A side request, or a request for a small model. */
  | 'background'
  /** Set by the gateway: a system prompt names the model in `<CCR-SUBAGENT-MODEL>`. */
  | 'subagent-tag'
  /** Set by the gateway: a budget sends all requests to its preset. */
  | 'budget';

/** The choice of the window behind a scope; it takes precedence over the client's model. */
export type ScopeChoice = { preset: string } | { route: string };

export type RouteQuestion = {
  model: string | undefined;
  /** From the URL. */
  preset?: string | undefined;
  scope?: ScopeChoice | undefined;
  /** Selects the model mappings. */
  frontend: 'codex' | 'claudeCode';
  /** What the request is for. Absent: only the model's name counts. */
  intent?: Intent | undefined;
  /** Whether the request is long enough for `Router.longContext`. */
  isLong?: boolean | undefined;
  /** What the conditions of `Router.rules` ask for. Absent: no rule applies. */
  rules?: RuleFacts | undefined;
};

/** Whether requests can be sent to a provider: it is not disabled, and has the key that it needs. */
type IsEnabled = (provider: string) => boolean;

/** What chose a target that was skipped: a route, or the place of one of `Router.rules`, from 1. Neither: the model's name. */
type Choice = { route?: RouteName | undefined; rule?: number | undefined };

/** A target that the request would have gone to, but its provider is off. */
export type SkippedTarget = Choice & { target: ModelRef };

/** Whether a target's provider is on; if not, notes that the target was skipped. */
export type IsOn = (target: ModelRef, choice: Choice) => boolean;

/** Of a name without a request, as lists of models have it. */
export const noIntent: Intent = { class: 'main', searchesWeb: false, hasImage: false, thinks: false };

/** The result of the routing rules, before fallbacks are added. */
export type RouteMatch = {
  target: string;
  reason: RouteReason;
  parameters?: JsonObject;
  /** The configured name that the client's model was taken for, if it was written differently. */
  readAs?: string;
  rule?: AppliedRule;
  /** Targets that came before this one, and whose providers are off. */
  skipped?: SkippedTarget[];
};

/** One of `Router.rules`: its place in the file, from 1, and what the config says of it. */
export type AppliedRule = { place: number; reason?: string | undefined };

/**
 * The rule that applies to a request, and the target that it names. `isEnabled` tells whether requests can be sent to a
 * provider.
 * @throws GatewayError `not-found` for a provider, preset or model of a listed provider that does not exist.
 */
export function matchRoute(config: Config, question: RouteQuestion, isEnabled: IsEnabled): RouteMatch {
  const skipped: SkippedTarget[] = [];
  const match = firstMatch(config, question, (target, choice) => {
    if (isEnabled(target.provider)) return true;
    skipped.push({ ...choice, target });
    return false;
  });
  // A model's only provider is used although it is off, so that the error names it.
  const others = skipped.filter(({ target }) => formatTarget(target) !== match.target);
  return others.length > 0 ? { ...match, skipped: others } : match;
}

function firstMatch(config: Config, question: RouteQuestion, isOn: IsOn): RouteMatch {
  if (question.preset !== undefined) return presetMatch(config, question.preset, 'preset');
  if (question.scope) return scopeMatch(config, question.scope);
  const byRule = ruleMatch(config, question.rules, isOn);
  if (byRule) return byRule;
  const model = question.model?.trim() ?? '';
  if (model.includes(',') && !config.Router.ignoreDirect) return directMatch(config, model);
  const mappings = config.Frontend[question.frontend].modelMappings;
  const exact = exactMatch(config, model, mappings, isOn);
  if (exact) return exact;
  const byIntent = (): RouteMatch | undefined =>
    matchIntent(config, { model, intent: question.intent ?? noIntent, isLong: question.isLong ?? false }, isOn);
  if (asksForDefault(model)) return byIntent() ?? { target: config.Router.default, reason: 'default' };
  if (isRouteName(model) && routeText(config.Router, model) !== undefined)
    return byIntent() ?? { target: model, reason: 'route' };
  const ofProvider = config.Router.ignoreDirect ? undefined : providerMatch(config, model);
  if (ofProvider) return ofProvider;
  const readAs = configuredName(config, model, question.frontend);
  const loose = readAs === undefined ? undefined : exactMatch(config, readAs, mappings, isOn);
  if (loose && readAs !== undefined) return { ...loose, readAs };
  const mappedDefault = own(mappings, 'default');
  if (mappedDefault !== undefined) return namedMatch(config, mappedDefault, 'mapping');
  return byIntent() ?? { target: config.Router.default, reason: 'unknown-model' };
}

/** The first rule whose conditions hold and whose provider is on. */
function ruleMatch(config: Config, facts: RuleFacts | undefined, isOn: IsOn): RouteMatch | undefined {
  if (!facts) return undefined;
  const { Router } = config;
  for (const [index, rule] of Router.rules.entries()) {
    if (!ruleHolds(rule, facts)) continue;
    const { route = '', preset } = rule;
    const match: RouteMatch =
      preset === undefined ? { target: route, reason: 'rule' } : presetMatch(config, preset, 'rule');
    const target = resolveTarget(Router, match.target);
    const place = placeOfRule(rule, index);
    if (target && isOn(target, { rule: place })) return { ...match, rule: { place, reason: rule.reason } };
  }
  return undefined;
}

function exactMatch(
  config: Config,
  model: string,
  mappings: Record<string, string>,
  isOn: IsOn,
): RouteMatch | undefined {
  const mapped = model === 'default' ? undefined : own(mappings, model);
  if (mapped !== undefined) return namedMatch(config, mapped, 'mapping');
  return (
    modelMatch(config, model, isOn) ?? (own(config.Presets, model) ? presetMatch(config, model, 'preset') : undefined)
  );
}

/** The mapping named "default" applies to unknown model names only: `auto` and no model at all ask for CCR's own default. */
function asksForDefault(model: string): boolean {
  return model === '' || model === 'auto' || model === 'default';
}

/** `provider/model` or `provider:model`, where the config has both. */
function providerMatch(config: Config, model: string): RouteMatch | undefined {
  const end = model.search(/[/:]/);
  const provider = end < 0 ? undefined : findProviderConfig(config, model.slice(0, end));
  const found = provider && findModelName(model.slice(end + 1), provider.models);
  if (!provider || found === undefined) return undefined;
  const target = formatTarget({ provider: provider.name, model: found });
  return { target, reason: 'direct', readAs: target };
}

/** The configured name that a client's name means: of a mapping, of a model or of a preset. */
function configuredName(config: Config, model: string, frontend: RouteQuestion['frontend']): string | undefined {
  const names = namesOf(config);
  return findModelName(model, names[frontend]) ?? findModelName(model, names.others);
}

type Names = Record<RouteQuestion['frontend'] | 'others', readonly string[]>;

/** The names of mappings, and those of models and presets. */
const namesOf = rememberByObject((config: Config): Names => {
  const { codex, claudeCode } = config.Frontend;
  const mapped = (mappings: Record<string, string>): string[] =>
    Object.keys(mappings).filter((name) => name !== 'default');
  return {
    codex: mapped(codex.modelMappings),
    claudeCode: mapped(claudeCode.modelMappings),
    others: [...config.Providers.flatMap(({ models }) => models), ...Object.keys(config.Presets)],
  };
});

function findProviderConfig(config: Config, name: string): Config['Providers'][number] | undefined {
  const wanted = name.trim().toLowerCase();
  return (
    findNamed(config.Providers, name) ?? config.Providers.find((provider) => provider.name.toLowerCase() === wanted)
  );
}

function presetMatch(config: Config, name: string, reason: RouteReason): RouteMatch {
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

function scopeMatch(config: Config, choice: ScopeChoice): RouteMatch {
  if ('preset' in choice) return presetMatch(config, choice.preset, 'scope');
  return namedMatch(config, choice.route, 'scope');
}

function directMatch(config: Config, model: string): RouteMatch {
  const target = parseTarget(model);
  const provider = target && findProviderConfig(config, target.provider);
  if (!target || !provider) {
    const names = config.Providers.map(({ name }) => name);
    throw new GatewayError(
      'not-found',
      `There is no provider "${target?.provider ?? model}". ${listing('Providers', names)}`,
      { param: 'model' },
    );
  }
  const found = findModelName(target.model, provider.models);
  if (found === undefined) {
    const models = listing('Its models', provider.models);
    throw new GatewayError(
      'not-found',
      `The provider "${provider.name}" has no model "${target.model}" in the config. ${models}`,
      { param: 'model' },
    );
  }
  const configured = formatTarget({ provider: provider.name, model: found });
  return { target: configured, reason: 'direct', ...(configured !== model.trim() && { readAs: configured }) };
}

/** Resolves the target of a mapping or a scope: `provider,model`, a preset or a route. */
function namedMatch(config: Config, name: string, reason: RouteReason): RouteMatch {
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
function modelMatch(config: Config, model: string, isOn: IsOn): RouteMatch | undefined {
  const having = config.Providers.filter(({ models }) => models.includes(model));
  const provider = having.find(({ name }) => isOn({ provider: name, model }, {})) ?? having[0];
  return provider && { target: formatTarget({ provider: provider.name, model }), reason: 'model' };
}

function listing(what: string, names: string[]): string {
  return names.length > 0 ? `${what}: ${names.join(', ')}.` : 'The config has none.';
}
