import { isObject } from '../canonical/json.ts';
import { findNamed } from '../canonical/lists.ts';
import type { JsonObject } from '../canonical/request.ts';
import { worded, wording, type Wording } from '../canonical/wording.ts';
import { formatPath, type JsonPath, type Places, type Problem, type ProblemCode } from './problems.ts';
import type { ProviderStatus } from './providers.ts';
import {
  configuredRoutes,
  formatTarget,
  isSameTarget,
  parseTarget,
  resolveTarget,
  routeReferences,
  tierTargets,
  type RouteReference,
} from './routes.ts';
import type { Config, RouterConfig } from './schema.ts';
import { didYouMean, suggestion } from './suggest.ts';
import { without } from './validate.ts';

/**
 * Problems of routes to unknown providers or models, and the config without the routes, tiers, presets and mappings that lead nowhere.
 * `Router.default` is kept, since there is no config without it. Routes to the `faulty` providers are skipped: those are reported
 * already. `isHidden`: not to be quoted.
 */
export function checkRoutes(
  config: Config,
  faulty: readonly ProviderStatus[],
  isHidden: (path: JsonPath) => boolean,
  places: Places,
): { config: Config; problems: Problem[] } {
  const checked = routeReferences(config)
    .filter(({ text }) => !faulty.some(({ name }) => name === parseTarget(text)?.provider))
    .map((reference) => ({ reference, problems: checkRoute(reference, config, isHidden(reference.path), places) }));
  const leadNowhere = checked
    .filter(({ reference, problems }) => isLeftOut(reference) && problems.some(isError))
    .map(({ reference }) => leftOutWith(reference));
  const removed = without(config, leadNowhere);
  const toNothing = mappingsToNothing(config, removed, places);
  return {
    config: { ...without(removed, toNothing.paths), Router: withTierPlaces(config.Router, removed.Router) },
    problems: [...checked.flatMap(({ problems }) => problems), ...toNothing.problems],
  };
}

function isLeftOut({ kind }: RouteReference): boolean {
  return kind !== 'default';
}

/** A preset is nothing without its route. */
function leftOutWith({ kind, path }: RouteReference): JsonPath {
  return kind === 'preset' ? path.slice(0, -1) : path;
}

/** Mappings to presets and routes that are left out themselves. */
function mappingsToNothing(
  written: Config,
  config: Config,
  places: Places,
): { paths: JsonPath[]; problems: Problem[] } {
  const presets = Object.keys(written.Presets).filter((name) => !Object.hasOwn(config.Presets, name));
  const lost = routeReferences(config).filter(({ kind, text }) => kind === 'mapping' && presets.includes(text.trim()));
  return {
    paths: lost.map(({ path }) => path),
    problems: lost.map(({ path, text }) => {
      const why = wording('the preset {0} is left out', text.trim());
      const said = worded(wording('{0}: {1}.', formatPath(path), why), leftOutTexts.mapping);
      return { severity: 'error', code: 'unknown-preset', ...said, ...places.ofValue(path) };
    }),
  };
}

/** `tier-1` is the second of the tiers that the file lists, also if the first is left out. */
function withTierPlaces(written: RouterConfig, router: RouterConfig): RouterConfig {
  const [before, after] = [tierTargets(written), tierTargets(router)];
  const entries = Object.entries(router.tierRetries).flatMap(([name, retries]) => {
    const target = before[Number(/^tier-(\d+)$/.exec(name)?.[1] ?? -1)];
    if (!target) return [[name, retries] as const];
    const place = after.findIndex((each) => isSameTarget(each, target));
    return place < 0 ? [] : [[`tier-${place}`, retries] as const];
  });
  return { ...router, tierRetries: Object.fromEntries(entries) };
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

/** Whether a value of the file comes from a variable. If so, messages must not quote the value: it may be a secret in the wrong place. */
export function isFromVariable(file: JsonObject, path: JsonPath): boolean {
  const written = path.reduce<unknown>((holder, step) => valueAt(holder, step), file);
  return typeof written === 'string' ? written.includes('$') : true;
}

function checkRoute(
  { path, text, allows, kind }: RouteReference,
  config: Config,
  isHidden: boolean,
  places: Places,
): Problem[] {
  const say = (severity: Problem['severity'], code: ProblemCode, why: Wording, guess: Guess = {}): Problem[] => {
    const { suggested, instead = suggested } = isHidden ? {} : guess;
    const leftOut = severity === 'error' ? leftOutTexts[kind] : undefined;
    const said = worded(wording('{0}: {1}.', formatPath(path), why), leftOut, didYouMean(suggested));
    return [{ severity, code, ...said, suggestion: instead, ...places.ofValue(path) }];
  };
  const presets = allows === 'mapping' ? Object.keys(config.Presets) : [];
  if (presets.includes(text.trim())) return [];
  const target = allows === 'target' ? parseTarget(text) : resolveTarget(config.Router, text);
  if (!target) {
    const names = allows === 'target' ? [] : [...presets, ...configuredRoutes(config.Router)];
    return say('error', 'not-a-target', wanted[allows], {
      suggested: suggestion(text, names),
    });
  }
  const provider = findNamed(config.Providers, target.provider);
  const isWritten = parseTarget(text) !== undefined;
  const guess = (part: 'provider' | 'model', candidates: readonly string[]): Guess => {
    const suggested = suggestion(target[part], candidates);
    const isWhole = isWritten && suggested !== undefined;
    return { suggested, instead: isWhole ? formatTarget({ ...target, [part]: suggested }) : undefined };
  };
  if (!provider) {
    const why = isHidden
      ? wording('there is no such provider')
      : wording('there is no provider "{0}"', target.provider);
    const names = config.Providers.map(({ name }) => name);
    return say('error', 'unknown-provider', why, guess('provider', names));
  }
  if (provider.models.includes(target.model)) return [];
  const why = isHidden
    ? wording('the model is not among the models of {0}', provider.name)
    : wording('"{0}" is not among the models of {1}', target.model, provider.name);
  return say('warning', 'unknown-model', why, guess('model', provider.models));
}

const leftOutTexts: Record<RouteReference['kind'], Wording | undefined> = {
  default: undefined,
  route: wording('The route is left out.'),
  tier: wording('The tier is left out.'),
  preset: wording('The preset is left out.'),
  mapping: wording('The mapping is left out.'),
};

const wanted = {
  target: wording('this must be "provider,model"'),
  route: wording('this must be "provider,model" or the name of a route'),
  mapping: wording('this must be "provider,model", a preset or a route'),
};

/** The name that may have been meant, and the value with it, if that is not the name itself. */
type Guess = { suggested?: string | undefined; instead?: string | undefined };

function valueAt(holder: unknown, step: string | number): unknown {
  if (Array.isArray(holder)) return holder[Number(step)];
  return isObject(holder) ? holder[step] : undefined;
}
