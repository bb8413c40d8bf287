import { withoutUndefined } from '../canonical/json.ts';
import type { Effort } from '../canonical/request.ts';
import type { Prices } from './prices.ts';

export const modalities = ['text', 'image'] as const;
export type Modality = (typeof modalities)[number];

/** The known facts about a model. Absent figures are unknown. */
export type ModelFacts = {
  /** Context window, for prompt and answer together. Tokens. */
  contextWindow?: number | undefined;
  /** Maximum length of one answer, including reasoning. Tokens. */
  maxOutputTokens?: number | undefined;
  /** Accepted kinds of input. */
  inputModalities?: readonly Modality[] | undefined;
  /** The efforts that have an effect. Empty: the effort can't be set. */
  efforts?: readonly Effort[] | undefined;
  prices?: Prices | undefined;
};

/** Facts with their date: `2026-10-23`, or only a month. */
export type DatedFacts = { facts: ModelFacts; date: string };

/** Merges facts: each figure comes from the newest source that has it. */
export function newestFacts(sources: readonly DatedFacts[]): ModelFacts {
  const oldestFirst = sources.toSorted((a, b) => a.date.localeCompare(b.date));
  return Object.assign({}, ...oldestFirst.map(({ facts }) => known(facts))) as ModelFacts;
}

/** Drops unknown figures, so that they don't override known ones. */
export function known(facts: ModelFacts): ModelFacts {
  return withoutUndefined(facts);
}
