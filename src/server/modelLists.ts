import type { Config } from '../config/schema.ts';
import { formatTarget, routeNames, routeText } from '../config/routes.ts';

/** Every model name that a client can use: `auto`, routes and presets, `provider,model`, and plain model names. */
export type ModelNames = { auto: 'auto'; routes: string[]; presets: string[]; targets: string[]; models: string[] };

/** Leaves out the models of providers that are off. */
export function modelNames(config: Config, isEnabled: (provider: string) => boolean): ModelNames {
  const providers = config.Providers.filter(({ name }) => isEnabled(name));
  return {
    auto: 'auto',
    routes: routeNames.filter((name) => name !== 'default' && routeText(config.Router, name)),
    presets: Object.keys(config.Presets),
    targets: providers.flatMap(({ name, models }) => models.map((model) => formatTarget({ provider: name, model }))),
    models: [...new Set(providers.flatMap(({ models }) => models))],
  };
}

/**
 * The body of `GET /v1/models` for OpenAI clients. `createdAt` is Unix time in seconds. `models`: where versions of Codex that do not
 * state theirs look for a list.
 */
export function openaiModels({ auto, routes, presets, targets, models }: ModelNames, createdAt: number): object {
  const ownedBy = (owner: string) => (id: string) => ({ id, object: 'model', created: createdAt, owned_by: owner });
  const providerOf = (target: string): string => target.slice(0, target.indexOf(','));
  const data = [
    ...[auto, ...routes].map(ownedBy('ccr-route')),
    ...presets.map(ownedBy('ccr-preset')),
    ...targets.map((target) => ownedBy(providerOf(target))(target)),
    ...models.map(ownedBy('ccr-model')),
  ];
  return { object: 'list', data: uniqueById(data), models: [] };
}

/** The body of `GET /v1/models` for clients of the Messages API. `createdAt` is Unix time in seconds. */
export function anthropicModels({ auto, routes, presets, targets, models }: ModelNames, createdAt: number): object {
  const created = new Date(createdAt * 1000).toISOString();
  const ids = [...new Set([auto, ...routes, ...presets, ...targets, ...models])];
  return {
    data: ids.map((id) => ({ type: 'model', id, display_name: id, created_at: created })),
    has_more: false,
    first_id: ids.at(0) ?? null,
    last_id: ids.at(-1) ?? null,
  };
}

/** Keeps the first of each id. */
function uniqueById<T extends { id: string }>(items: T[]): T[] {
  return [...new Map(items.toReversed().map((item) => [item.id, item])).values()].toReversed();
}
