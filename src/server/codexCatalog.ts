import type { Effort } from '../canonical/request.ts';
import type { ModelFacts } from '../providers/modelFacts.ts';
import { nearestEffort } from '../reasoning/effort.ts';
import { codexInstructions } from './codexInstructions.ts';
import type { ModelNames } from './modelLists.ts';
import { unconfiguredNames } from '../providers/clientModels.ts';

/** Codex's IDE extension ignores further models. */
const maxModels = 100;

/** For unknown models. Too small a window only makes Codex compact early; too large a one makes the turn fail. */
const cautiousWindow = 128_000;

/** Efforts that unknown models are assumed to support. */
const usualEfforts: readonly Effort[] = ['low', 'medium', 'high'];

const effortMeanings: Record<Effort, string> = {
  none: 'Does not think before it answers',
  minimal: 'Hardly thinks before it answers',
  low: 'Answers sooner',
  medium: 'Balances speed and depth',
  high: 'Thinks longer about hard problems',
  xhigh: 'Thinks very long about the hardest problems',
  max: 'Thinks as long as it can',
};

export type CodexCatalogParts = {
  names: ModelNames;
  /** Names that work but are not offered in Codex's picker, such as the keys of a mapping. */
  hiddenNames: string[];
  /** As Codex sends it, such as `0.169.0`. Anything else is treated as an old version. */
  codexVersion: string;
  /** The facts of the model that a name resolves to. */
  factsOf(name: string): ModelFacts;
};

/**
 * The body of `GET /v1/models?client_version=`: the Codex catalog (clients-wire.md §2 and §8). Codex rejects the
 * whole catalog for one invalid value.
 */
export function codexCatalog({ names, hiddenNames, codexVersion, factsOf }: CodexCatalogParts): object {
  const shown = [
    entry(names.auto, 'CCR: auto', "Routed by the rules in CCR's config."),
    ...names.routes.map((route) => entry(route, `CCR: ${route}`, `The route "${route}" of CCR's config.`)),
    ...names.presets.map((preset) => entry(preset, `CCR: ${preset}`, `The preset "${preset}" of CCR's config.`)),
    ...names.targets.map((target) => entry(target, target, 'This model of this provider, via CCR.')),
  ];
  const hidden = [...hiddenNames, ...unconfiguredNames, ...names.models].map((name) =>
    entry(name, name, 'Routed by CCR.', 'hide'),
  );
  const bySlug = new Map([...shown, ...hidden].toReversed().map((model) => [model.slug, model]));
  // Past the limit, drop models from the picker before hidden ones: without an entry a model loses its tools.
  const models = [...bySlug.values()].toReversed();
  const limited = limit(models);
  const isReadable = knowsMax(codexVersion) ? () => true : (effort: Effort) => effort !== 'max';
  return {
    models: limited.map((model, index) => {
      const facts = factsOf(model.slug);
      const efforts = (facts.efforts ?? usualEfforts).filter(isReadable);
      return { ...model, ...writeFacts(facts), ...writeEfforts(efforts), priority: index };
    }),
  };
}

/** Codex 0.130 rejects a catalog with the effort `max`; 0.155 accepts any effort (clients-wire.md §8). */
function knowsMax(codexVersion: string): boolean {
  const [, major = 0, minor = 0] = /^(\d+)\.(\d+)\./.exec(codexVersion) ?? [];
  return Number(major) > 0 || Number(minor) >= 155;
}

/** Without levels Codex sends no effort, as it should for a model whose effort can't be set. */
function writeEfforts(efforts: readonly Effort[]): object {
  const levels = efforts.map((effort) => ({ effort, description: effortMeanings[effort] }));
  const standard = efforts.length === 0 ? {} : { default_reasoning_level: nearestEffort('medium', efforts) };
  return { ...standard, supported_reasoning_levels: levels };
}

/** Codex compacts at 95% of the window. */
function writeFacts({ contextWindow = cautiousWindow, inputModalities = ['text'] }: ModelFacts): object {
  return { context_window: contextWindow, input_modalities: inputModalities };
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
    shell_type: 'default',
    visibility,
    supported_in_api: true,
    priority: 0,
    base_instructions: codexInstructions,
    supports_reasoning_summaries: true,
    // Codex 0.98, which fetches the catalog by itself, rejects one without this field.
    supports_parallel_tool_calls: true,
    support_verbosity: false,
    apply_patch_tool_type: 'freeform',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    experimental_supported_tools: [],
  };
}
