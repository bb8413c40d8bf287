import type { Config } from '../config/schema.ts';
import { formatTarget, routeNames, routeText } from '../config/routes.ts';

/** Everything that a client may name as its model: what decides for itself first, then what decides for it. */
export type ModelNames = { auto: 'auto'; routes: string[]; presets: string[]; targets: string[]; models: string[] };

/** `isEnabled` leaves out providers that can't be asked: nobody should pick what can't answer. */
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

/** The body of `GET /v1/models` for OpenAI clients. `createdAt` is Unix time in seconds. */
export function openaiModels({ auto, routes, presets, targets, models }: ModelNames, createdAt: number): object {
  const owned = (owner: string) => (id: string) => ({ id, object: 'model', created: createdAt, owned_by: owner });
  const ownerOf = (target: string): string => target.slice(0, target.indexOf(','));
  const data = [
    ...[auto, ...routes].map(owned('ccr-route')),
    ...presets.map(owned('ccr-preset')),
    ...targets.map((target) => owned(ownerOf(target))(target)),
    ...models.map(owned('ccr-model')),
  ];
  return { object: 'list', data: uniqueById(data) };
}

function uniqueById<T extends { id: string }>(items: T[]): T[] {
  return [...new Map(items.toReversed().map((item) => [item.id, item])).values()].toReversed();
}
