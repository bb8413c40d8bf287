import type { JsonPath } from '../problems.ts';
import { routeNames } from '../routes.ts';

/**
 * What a text value of the config names. `target`: `provider,model`; `route`: a target or a route's name; `mapping`: one of
 * these or a preset.
 */
export type Meaning = 'target' | 'route' | 'mapping' | 'preset' | 'provider' | 'transformer' | 'model' | 'url';

/** Undefined for values that name nothing. */
export function meaningOf(path: JsonPath): Meaning | undefined {
  switch (path[0]) {
    case 'Router':
      return meaningInRouter(path);
    case 'Presets':
      return path.length === 3 && path[2] === 'route' ? 'route' : undefined;
    case 'Budgets':
      return path.length === 3 && path[2] === 'preset' ? 'preset' : undefined;
    case 'Frontend':
      return path.length === 4 && path[2] === 'modelMappings' ? 'mapping' : undefined;
    case 'DebugCapture':
      return path.length === 3 && path[1] === 'providers' ? 'provider' : undefined;
    case 'Providers':
      return meaningInProvider(path.slice(2));
    default:
      return undefined;
  }
}

function meaningInRouter([, second, third, fourth, ...more]: JsonPath): Meaning | undefined {
  if (more.length > 0) return undefined;
  if (second === 'rules') return fourth === 'route' || fourth === 'preset' ? fourth : undefined;
  if (fourth !== undefined) return undefined;
  if (second === 'tiers') return typeof third === 'number' ? 'route' : undefined;
  const isRoute = (routeNames as readonly unknown[]).includes(second);
  return isRoute && (third === undefined || third === 'search_provider') ? 'target' : undefined;
}

/** @param path within one provider */
function meaningInProvider(path: JsonPath): Meaning | undefined {
  const [first, second] = path;
  if (first === 'api_base_url') return path.length === 1 ? 'url' : undefined;
  if (first === 'models') return path.length === 2 ? 'model' : undefined;
  if (first !== 'transformer') return undefined;
  const uses = second === 'use' ? path.slice(1) : path.slice(2);
  const isName = uses.length === 2 || (uses.length === 3 && uses[2] === 0);
  return uses[0] === 'use' && isName ? 'transformer' : undefined;
}

/** Whether a key is a model of the provider that it belongs to. */
export function isModelKey(path: JsonPath): boolean {
  if (path[0] !== 'Providers' || path.length !== 4) return false;
  if (path[2] === 'transformer') return path[3] !== 'use';
  return path[2] === 'model_info' || path[2] === 'model_pricing';
}
