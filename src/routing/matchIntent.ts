import { isRouteName, resolveTarget, routeText, type RouteName } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import { isReasoningName, isSmallName } from '../providers/clientModels.ts';
import type { Intent } from './intent.ts';
import type { IsOn, RouteMatch, RouteReason } from './matchRoute.ts';

/** The routes that a request's intent chooses, and the reason that is recorded. */
const reasons = {
  webSearch: 'web-search',
  image: 'image',
  longContext: 'long-context',
  think: 'think',
  background: 'background',
} as const satisfies Partial<Record<RouteName, RouteReason>>;

/** What the choice depends on. `model` is a name that the config does not have, or none. */
export type IntentQuestion = {
  model: string;
  intent: Intent;
  /** Whether the request is long enough for `Router.longContext`. */
  isLong: boolean;
};

/**
 * The route for a request whose client leaves the choice to CCR: by what the request needs, then by the route that the client
 * names, then by what kind of request it is. Routes that are not configured, or whose provider is off, are skipped.
 */
export function matchIntent(
  { Router }: Config,
  { model, intent, isLong }: IntentQuestion,
  isOn: IsOn,
): RouteMatch | undefined {
  const isUsable = (route: RouteName): boolean => {
    const target = resolveTarget(Router, routeText(Router, route) ?? '');
    return target !== undefined && isOn(target, { route });
  };
  const needed = neededRoutes(intent, isLong).find(isUsable);
  if (needed) return { target: needed, reason: reasons[needed] };
  if (model !== 'default' && isRouteName(model) && routeText(Router, model) !== undefined)
    return { target: model, reason: 'route' };
  const fitting = fittingRoutes(model, intent).find(isUsable);
  return fitting && { target: fitting, reason: reasons[fitting] };
}

/** Routes to models that can do what the request needs. */
function neededRoutes({ searchesWeb, hasImage }: Intent, isLong: boolean): (keyof typeof reasons)[] {
  return [
    ...(searchesWeb ? (['webSearch'] as const) : []),
    ...(hasImage ? (['image'] as const) : []),
    ...(isLong ? (['longContext'] as const) : []),
  ];
}

/** A request that its client calls a side request inherits the conversation's effort, so that comes before thinking. */
function fittingRoutes(model: string, intent: Intent): (keyof typeof reasons)[] {
  const isAside = intent.class === 'auxiliary' || intent.class === 'side_reply';
  return [
    ...(isAside ? (['background'] as const) : []),
    ...(intent.thinks || isReasoningName(model) ? (['think'] as const) : []),
    ...(isSmallName(model) ? (['background'] as const) : []),
  ];
}
