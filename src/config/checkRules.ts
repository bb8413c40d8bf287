import { findNamed } from '../canonical/lists.ts';
import { worded, wording, type Wording } from '../canonical/wording.ts';
import { formatPath, type JsonPath, type Places, type Problem, type ProblemCode } from './problems.ts';
import type { ProviderStatus } from './providers.ts';
import { configuredRoutes, formatTarget, parseTarget, resolveTarget } from './routes.ts';
import { placeOfRule, type RouteRule } from './ruleSchema.ts';
import type { Config } from './schema.ts';
import { didYouMean, suggestion } from './suggest.ts';

/**
 * The config without the rules that name something unknown, with a problem for each. Routes to the `faulty` providers are kept:
 * those are reported already. `written`: the config with the routes and presets that are left out.
 */
export function withoutUnknownRules(
  config: Config,
  written: Config,
  faulty: readonly ProviderStatus[],
  places: Places,
): { config: Config; problems: Problem[] } {
  const problems: Problem[] = [];
  const rules = config.Router.rules.filter((rule, index) => {
    const fault = faultOf(rule, config, written, faulty);
    if (!fault) {
      problems.push(...unknownModel(rule, index, config, places));
      return true;
    }
    const path = ['Router', 'rules', index, ...fault.path];
    const { code, why, suggested } = fault;
    const text = worded(wording('This rule is ignored: {0}', why), didYouMean(suggested));
    problems.push({ severity: 'error', code, ...text, suggestion: fault.instead, ...places.ofValue(path) });
    return false;
  });
  return { config: { ...config, Router: { ...config.Router, rules } }, problems };
}

/** As for routes, a warning alone: a provider may have models that the config does not list. */
function unknownModel(rule: RouteRule, index: number, { Providers }: Config, places: Places): Problem[] {
  const { route = '' } = rule;
  const target = parseTarget(route);
  const provider = findNamed(Providers, target?.provider);
  if (!target || !provider || provider.models.includes(target.model)) return [];
  const suggested = suggestion(target.model, provider.models);
  const why = wording('"{0}" is not among the models of {1}', target.model, provider.name);
  const inFile = formatPath(['Router', 'rules', placeOfRule(rule, index) - 1, 'route']);
  const text = worded(wording('{0}: {1}.', inFile, why), didYouMean(suggested));
  const instead = suggested === undefined ? undefined : formatTarget({ ...target, model: suggested });
  return [
    {
      severity: 'warning',
      code: 'unknown-model',
      ...text,
      suggestion: instead,
      ...places.ofValue(['Router', 'rules', index, 'route']),
    },
  ];
}

/** `suggested`: the name that may have been meant; `instead`: the value with it. */
type RuleFault = {
  path: JsonPath;
  code: ProblemCode;
  why: Wording;
  suggested?: string | undefined;
  instead?: string | undefined;
};

function faultOf(
  { route, preset }: RouteRule,
  config: Config,
  written: Config,
  faulty: readonly ProviderStatus[],
): RuleFault | undefined {
  if (preset !== undefined) {
    if (Object.hasOwn(config.Presets, preset)) return undefined;
    if (Object.hasOwn(written.Presets, preset))
      return { path: ['preset'], code: 'unknown-preset', why: wording('the preset "{0}" is left out.', preset) };
    const suggested = suggestion(preset, Object.keys(config.Presets));
    const why = wording('there is no preset "{0}".', preset);
    return { path: ['preset'], code: 'unknown-preset', why, suggested, instead: suggested };
  }
  const text = route ?? '';
  const target = resolveTarget(config.Router, text);
  const path = ['route'];
  if (!target) {
    if (resolveTarget(written.Router, text))
      return { path, code: 'not-a-target', why: wording('the route "{0}" is left out.', text.trim()) };
    const suggested = suggestion(text, configuredRoutes(config.Router));
    const why = wording('"{0}" is neither "provider,model" nor the name of a configured route.', text);
    return { path, code: 'not-a-target', why, suggested, instead: suggested };
  }
  const names = [...config.Providers, ...faulty].map(({ name }) => name);
  if (names.includes(target.provider)) return undefined;
  const named = parseTarget(text);
  const wanted = named?.provider ?? target.provider;
  const suggested = suggestion(wanted, names);
  const instead = named && suggested !== undefined ? formatTarget({ ...named, provider: suggested }) : undefined;
  const why = wording('there is no provider "{0}".', wanted);
  return { path, code: 'unknown-provider', why, suggested, instead };
}
