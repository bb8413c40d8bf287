import type { JsonPath, Places, Problem } from './problems.ts';
import type { ProviderStatus } from './providers.ts';
import { parseTarget, resolveTarget } from './routes.ts';
import type { RouteRule } from './ruleSchema.ts';
import type { Config } from './schema.ts';
import { didYouMean } from './suggest.ts';

/**
 * The config without the rules that name something unknown, with a problem for each. `ruleIndexes` are the places of the rules in
 * the file. Routes to the `faulty` providers are kept: those are reported already.
 */
export function withoutUnknownRules(
  config: Config,
  ruleIndexes: readonly number[],
  faulty: readonly ProviderStatus[],
  places: Places,
): { config: Config; problems: Problem[] } {
  const problems: Problem[] = [];
  const rules = config.Router.rules.filter((rule, position) => {
    const fault = faultOf(rule, config, faulty);
    if (!fault) return true;
    const path = ['Router', 'rules', ruleIndexes[position] ?? position, ...fault.path];
    problems.push({ severity: 'error', message: `This rule is ignored: ${fault.message}`, ...places.ofValue(path) });
    return false;
  });
  return { config: { ...config, Router: { ...config.Router, rules } }, problems };
}

function faultOf(
  { route, preset }: RouteRule,
  config: Config,
  faulty: readonly ProviderStatus[],
): { path: JsonPath; message: string } | undefined {
  if (preset !== undefined) {
    if (Object.hasOwn(config.Presets, preset)) return undefined;
    return {
      path: ['preset'],
      message: `there is no preset "${preset}".${didYouMean(preset, Object.keys(config.Presets))}`,
    };
  }
  const text = route ?? '';
  const target = resolveTarget(config.Router, text);
  const path = ['route'];
  if (!target) return { path, message: `"${text}" is neither "provider,model" nor the name of a configured route.` };
  const names = [...config.Providers, ...faulty].map(({ name }) => name);
  if (names.includes(target.provider)) return undefined;
  const wanted = parseTarget(text)?.provider ?? target.provider;
  return { path, message: `there is no provider "${wanted}".${didYouMean(wanted, names)}` };
}
