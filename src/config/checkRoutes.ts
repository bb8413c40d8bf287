import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { worded, wording, type Wording } from '../canonical/wording.ts';
import { formatPath, type JsonPath, type Places, type Problem, type ProblemCode } from './problems.ts';
import type { ProviderStatus } from './providers.ts';
import {
  configuredRoutes,
  formatTarget,
  parseTarget,
  resolveTarget,
  routeReferences,
  type RouteReference,
} from './routes.ts';
import type { Config } from './schema.ts';
import { didYouMean, suggestion } from './suggest.ts';
import { without } from './validate.ts';

/**
 * Problems of routes to unknown providers or models, and the config without the model mappings that lead nowhere: other routes have targets
 * to fall back to. Routes to the `faulty` providers are skipped: those are reported already. `isHidden`: not to be quoted.
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
    .filter(({ reference, problems }) => reference.allows === 'mapping' && problems.some(isError))
    .map(({ reference }) => reference.path);
  return { config: without(config, leadNowhere), problems: checked.flatMap(({ problems }) => problems) };
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
  { path, text, allows }: RouteReference,
  config: Config,
  isHidden: boolean,
  places: Places,
): Problem[] {
  const say = (severity: Problem['severity'], code: ProblemCode, why: Wording, guess: Guess = {}): Problem[] => {
    const { suggested, instead = suggested } = isHidden ? {} : guess;
    const isLeftOut = allows === 'mapping' && severity === 'error';
    const leftOut = isLeftOut ? wording('The mapping is left out.') : undefined;
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
  const provider = config.Providers.find(({ name }) => name === target.provider);
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
