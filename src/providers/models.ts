import type { DatedFacts } from './modelFacts.ts';
import { modelTable, type ModelEntry } from './modelTable.ts';
import type { Prices } from './prices.ts';

/** The model's own name: `deepseek-v4-pro` of `deepseek/DeepSeek-V4-Pro`. */
export function bareName(model: string): string {
  return model.toLowerCase().split('/').at(-1) ?? '';
}

export function findEntry(model: string): ModelEntry | undefined {
  const name = bareName(model);
  return modelTable.find(({ pattern }) => pattern.test(name));
}

/**
 * The facts that CCR's table has for a model, at any host. Prices are those of the maker's own API, so they are only included
 * if `isMakers` returns true for the maker. `day` selects the prices in force, as `2026-12-31`.
 */
export function tableFacts(model: string, day: string, isMakers: (maker: string) => boolean): DatedFacts | undefined {
  const entry = findEntry(model);
  if (!entry) return undefined;
  const { maker, contextWindow, maxOutputTokens, inputModalities, efforts, prices = [], date } = entry;
  const current = isMakers(maker) ? pricesOn(prices, day) : undefined;
  return { facts: { contextWindow, maxOutputTokens, inputModalities, efforts, prices: current }, date };
}

function pricesOn(prices: readonly Prices[], day: string): Prices | undefined {
  return prices.find(({ until }) => until === undefined || day <= until);
}

/** These models refuse requests with images; their quirks replace images with a note (readsImages in deepseek, glm, minimax). */
const textOnly = /deepseek(?!.*(ocr|vl|vision))|glm-[\d.]+(?![\d.v])|minimax-m[12]\b/;

/** For an unknown model. */
export function seemsToReadImages(model: string): boolean {
  return !textOnly.test(model.toLowerCase());
}
