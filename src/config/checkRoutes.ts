import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { formatPath, type JsonPath, type Places, type Problem } from './problems.ts';
import type { ProviderStatus } from './providers.ts';
import { parseTarget, resolveTarget, routeReferences, type RouteReference } from './routes.ts';
import type { Config } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** Problems of routes to unknown providers or models. Routes to the `faulty` providers are skipped: those are reported already. */
export function checkRoutes(
  config: Config,
  faulty: readonly ProviderStatus[],
  file: JsonObject,
  places: Places,
): Problem[] {
  return routeReferences(config)
    .filter(({ text }) => !faulty.some(({ name }) => name === parseTarget(text)?.provider))
    .flatMap((reference) => checkRoute(reference, config, isFromVariable(file, reference.path), places));
}

/** If so, messages must not quote the value: it may be a secret in the wrong place. */
function isFromVariable(file: JsonObject, path: JsonPath): boolean {
  const written = path.reduce<unknown>((holder, step) => valueAt(holder, step), file);
  return typeof written === 'string' ? written.includes('$') : true;
}

function checkRoute(
  { path, text, allows }: RouteReference,
  config: Config,
  isHidden: boolean,
  places: Places,
): Problem[] {
  const say = (severity: Problem['severity'], message: string, hint: string): Problem[] => [
    { severity, message: `${formatPath(path)}: ${message}.${isHidden ? '' : hint}`, ...places.ofValue(path) },
  ];
  if (allows === 'mapping' && Object.hasOwn(config.Presets, text.trim())) return [];
  const target = allows === 'target' ? parseTarget(text) : resolveTarget(config.Router, text);
  if (!target) {
    const wanted = { target: '', route: ' or the name of a route', mapping: ', a preset or a route' }[allows];
    return say('error', `this must be "provider,model"${wanted}`, '');
  }
  const provider = config.Providers.find(({ name }) => name === target.provider);
  if (!provider) {
    const names = config.Providers.map(({ name }) => name);
    const which = isHidden ? 'such provider' : `provider "${target.provider}"`;
    return say('error', `there is no ${which}`, didYouMean(target.provider, names));
  }
  if (provider.models.includes(target.model)) return [];
  const which = isHidden ? 'the model' : `"${target.model}"`;
  const hint = didYouMean(target.model, provider.models);
  return say('warning', `${which} is not among the models of ${provider.name}`, hint);
}

function valueAt(holder: unknown, step: string | number): unknown {
  if (Array.isArray(holder)) return holder[Number(step)];
  return isObject(holder) ? holder[step] : undefined;
}
