import { findNamed } from '../canonical/lists.ts';
import { rememberByObject } from '../canonical/remember.ts';
import type { Config, RouterConfig } from './schema.ts';

/** A model of a provider. Routing adds the tier to make it a `Target`. */
export type ModelRef = { provider: string; model: string };

/** In failover order if `Router.tiers` is absent. */
export const routeNames = ['default', 'think', 'longContext', 'background', 'webSearch', 'image'] as const;
export type RouteName = (typeof routeNames)[number];

/** Parses `"provider,model"`. Model names may contain commas, provider names may not. */
export function parseTarget(text: string): ModelRef | undefined {
  const comma = text.indexOf(',');
  if (comma < 0) return undefined;
  const provider = text.slice(0, comma).trim();
  const model = text.slice(comma + 1).trim();
  return provider === '' || model === '' ? undefined : { provider, model };
}

export function formatTarget(target: ModelRef): string {
  return `${target.provider},${target.model}`;
}

export function isSameTarget(a: ModelRef, b: ModelRef): boolean {
  return a.provider === b.provider && a.model === b.model;
}

export function isRouteName(text: string): text is RouteName {
  return (routeNames as readonly string[]).includes(text);
}

/** The target of a route as the config states it. */
export function routeText(router: RouterConfig, name: RouteName): string | undefined {
  const route = router[name];
  if (route === undefined || typeof route === 'string') return route;
  // `search_provider` may also name a search service, which is not a target.
  return route.enabled && parseTarget(route.search_provider ?? '') ? route.search_provider : undefined;
}

/** The names of the routes that the config has. */
export function configuredRoutes(router: RouterConfig): RouteName[] {
  return routeNames.filter((name) => routeText(router, name) !== undefined);
}

/** Parses `"provider,model"` or the name of a configured route. */
export function resolveTarget(router: RouterConfig, text: string): ModelRef | undefined {
  const trimmed = text.trim();
  return parseTarget(isRouteName(trimmed) ? (routeText(router, trimmed) ?? '') : trimmed);
}

/** The label of a provider's targets in metrics: its `tier_name`, else its name. */
export function tierOf({ Providers }: Config, provider: string): string {
  return findNamed(Providers, provider)?.tier_name ?? provider;
}

/** The tiers in the configured order without duplicates; `tier-0` is the first. */
export const tierTargets = rememberByObject((router: RouterConfig): readonly ModelRef[] => {
  const texts = router.tiers ?? routeNames.map((name) => routeText(router, name) ?? '');
  const targets = new Map<string, ModelRef>();
  for (const text of texts) {
    const target = resolveTarget(router, text);
    if (target) targets.set(formatTarget(target), target);
  }
  return [...targets.values()];
});

/** How fallbacks are ordered. */
export function routerStrategy(router: RouterConfig): 'latency' | 'ordered' {
  return router.strategy ?? (router.tiers ? 'latency' : 'ordered');
}

/** A place in the config that names a target, what it is there, and which forms it allows. */
export type RouteReference = {
  path: (string | number)[];
  text: string;
  kind: 'default' | 'route' | 'tier' | 'preset' | 'mapping';
  allows: 'target' | 'route' | 'mapping';
};

export function routeReferences(config: Config): RouteReference[] {
  const references: RouteReference[] = [];
  for (const name of routeNames) {
    const route = config.Router[name];
    const text = routeText(config.Router, name);
    const path = ['Router', name, ...(typeof route === 'object' ? ['search_provider'] : [])];
    const kind = name === 'default' ? 'default' : 'route';
    if (text !== undefined) references.push({ path, text, kind, allows: 'target' });
  }
  config.Router.tiers?.forEach((text, index) =>
    references.push({ path: ['Router', 'tiers', index], text, kind: 'tier', allows: 'route' }),
  );
  for (const [name, preset] of Object.entries(config.Presets)) {
    references.push({ path: ['Presets', name, 'route'], text: preset.route, kind: 'preset', allows: 'route' });
  }
  for (const frontend of ['codex', 'claudeCode'] as const) {
    for (const [model, text] of Object.entries(config.Frontend[frontend].modelMappings)) {
      const path = ['Frontend', frontend, 'modelMappings', model];
      references.push({ path, text, kind: 'mapping', allows: 'mapping' });
    }
  }
  return references;
}
