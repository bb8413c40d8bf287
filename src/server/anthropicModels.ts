import type { ModelNames } from './openaiModels.ts';

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
