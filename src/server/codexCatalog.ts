import type { ModelFacts } from '../providers/models.ts';
import { codexInstructions } from './codexInstructions.ts';
import type { ModelNames } from './openaiModels.ts';

/** Codex's IDE extension reads no more. */
const maxModels = 100;

/** Names of the setup guide that no config need list: without an entry Codex takes apply_patch away from them. */
const guideNames = ['gpt-4o', 'o3-mini'];

/**
 * The body of `GET /v1/models?client_version=`: Codex's own catalog (clients-wire.md §2 and §8). `hiddenNames` are names
 * that may be asked for without being offered, such as the keys of a mapping. `factsOf` tells of the model that would answer
 * to a name. One invalid value makes Codex refuse all.
 */
export function codexCatalog(names: ModelNames, hiddenNames: string[], factsOf: FactsOf): object {
  const shown = [
    entry(names.auto, 'CCR: auto', 'CCR decides by the routes of its config.'),
    ...names.routes.map((route) => entry(route, `CCR: ${route}`, `The route "${route}" of CCR's config.`)),
    ...names.presets.map((preset) => entry(preset, `CCR: ${preset}`, `The preset "${preset}" of CCR's config.`)),
    ...names.targets.map((target) => entry(target, target, 'This model of this provider, through CCR.')),
  ];
  const hidden = [...hiddenNames, ...guideNames, ...names.models].map((name) =>
    entry(name, name, 'Answered through CCR.', 'hide'),
  );
  const bySlug = new Map([...shown, ...hidden].toReversed().map((model) => [model.slug, model]));
  // Hidden names come before pickable ones past the limit: losing a tool is worse than a shorter list.
  const models = [...bySlug.values()].toReversed();
  const limited = limit(models);
  return { models: limited.map((model, index) => ({ ...model, ...writeFacts(factsOf(model.slug)), priority: index })) };
}

type FactsOf = (name: string) => ModelFacts;

/** Codex compacts at 95% of the window. */
function writeFacts({ contextWindow, images }: ModelFacts): object {
  return { context_window: contextWindow, input_modalities: images ? ['text', 'image'] : ['text'] };
}

type Entry = ReturnType<typeof entry>;

function limit(models: Entry[]): Entry[] {
  const hiddenCount = models.filter(({ visibility }) => visibility === 'hide').length;
  const room = Math.max(1, maxModels - hiddenCount);
  const shown = models.filter(({ visibility }) => visibility === 'list').slice(0, room);
  return [...shown, ...models.filter(({ visibility }) => visibility === 'hide')].slice(0, maxModels);
}

function entry(slug: string, name: string, description: string, visibility: 'list' | 'hide' = 'list') {
  return {
    slug,
    display_name: name,
    description,
    default_reasoning_level: 'medium',
    supported_reasoning_levels: [
      { effort: 'low', description: 'Answers sooner' },
      { effort: 'medium', description: 'Balances speed and depth' },
      { effort: 'high', description: 'Thinks longer about hard problems' },
    ],
    shell_type: 'default',
    visibility,
    supported_in_api: true,
    priority: 0,
    base_instructions: codexInstructions,
    supports_reasoning_summaries: true,
    // 0.98, which asks for this page by itself, refuses a catalog without it.
    supports_parallel_tool_calls: true,
    support_verbosity: false,
    apply_patch_tool_type: 'freeform',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    experimental_supported_tools: [],
  };
}
