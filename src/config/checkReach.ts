import { isDeepStrictEqual } from 'node:util';
import { worded, wording } from '../canonical/wording.ts';
import { formatPath, type JsonPath, type Places, type Problem } from './problems.ts';
import type { ProviderStatus } from './providers.ts';
import { parseTarget, resolveTarget, routeReferences } from './routes.ts';
import { placeOfRule, type RouteRule } from './ruleSchema.ts';
import type { Config } from './schema.ts';

/**
 * Warnings for what no request can use: targets of providers without a key, and rules behind one that takes all that they match.
 * `config`: as in the file; `used`: its rules but for those that are ignored.
 */
export function findUnreachable(
  { config, used }: { config: Config; used: readonly RouteRule[] },
  statuses: readonly ProviderStatus[],
  places: Places,
): Problem[] {
  return [...keylessTargets(config, statuses, places), ...hiddenRules(config, used, statuses, places)];
}

/** At each place that names such a provider, but only once for the one of the default route: it is often that of all routes. */
function keylessTargets(config: Config, statuses: readonly ProviderStatus[], places: Places): Problem[] {
  const keyless = new Set(statuses.flatMap((each) => (!each.enabled && each.needsKey ? [each.name] : [])));
  const rules = config.Router.rules.map((rule, index) => ({
    path: ['Router', 'rules', index, 'route'],
    inFile: [...pathInFile(rule, index), 'route'],
    text: rule.route ?? '',
  }));
  const written: { path: JsonPath; inFile?: JsonPath; text: string }[] = [...routeReferences(config), ...rules];
  const standard = parseTarget(config.Router.default)?.provider;
  return written.flatMap(({ path, inFile = path, text }) => {
    const provider = parseTarget(text)?.provider;
    if (provider === undefined || !keyless.has(provider)) return [];
    if (provider === standard && path[1] !== 'default') return [];
    const said = worded(wording('{0}: the provider {1} has no API key.', formatPath(inFile), provider));
    return [{ severity: 'warning', code: 'missing-key', ...said, ...places.ofValue(path) }];
  });
}

function hiddenRules(
  config: Config,
  used: readonly RouteRule[],
  statuses: readonly ProviderStatus[],
  places: Places,
): Problem[] {
  const { rules } = config.Router;
  const on = new Set(statuses.flatMap(({ name, enabled }) => (enabled ? [name] : [])));
  const inUse = new Set(used);
  // The rule of a provider that is off leaves its requests to the next.
  const taking = new Set(used.filter((rule) => on.has(providerOf(rule, config) ?? '')));
  return rules.flatMap((rule, index) => {
    const earlier = rules.findIndex((each) => taking.has(each) && takesAllOf(each.when, rule.when));
    const other = rules[earlier];
    if (!inUse.has(rule) || !other || earlier >= index) return [];
    const name = formatPath(pathInFile(other, earlier));
    const said = worded(wording('This rule is never used: {0} takes all requests that it matches.', name));
    return [{ severity: 'warning', code: 'unreachable-rule', ...said, ...places.ofValue(['Router', 'rules', index]) }];
  });
}

/** Of the file, which has those too that are left out. */
function pathInFile(rule: RouteRule, index: number): JsonPath {
  return ['Router', 'rules', placeOfRule(rule, index) - 1];
}

function providerOf({ route, preset = '' }: RouteRule, { Router, Presets }: Config): string | undefined {
  const text = route ?? (Object.hasOwn(Presets, preset) ? Presets[preset]?.route : undefined);
  return resolveTarget(Router, text ?? '')?.provider;
}

type Conditions = RouteRule['when'];

/** Whether each condition of the earlier rule holds where the later one's does. Patterns are compared as text. */
function takesAllOf(earlier: Conditions, later: Conditions): boolean {
  // A rule without a class decides on no compaction.
  if (earlier.class === undefined && [later.class ?? []].flat().includes('compaction')) return false;
  return (Object.keys(earlier) as (keyof Conditions)[]).every((name) => {
    const [wide, narrow] = [earlier[name], later[name]];
    if (wide === undefined) return true;
    if (narrow === undefined) return false;
    if (name === 'tokensOver') return Number(wide) <= Number(narrow);
    if (name === 'header') return isDeepStrictEqual({ ...(narrow as object), ...(wide as object) }, narrow);
    return [narrow].flat().every((each) => [wide].flat().includes(each));
  });
}
