/** What a client should know of a model before it asks. */
export type ModelFacts = {
  /** Tokens, prompt and answer together. */
  contextWindow: number;
  /** Whether it reads images. */
  images: boolean;
};

/** Tokens, as the providers' pages and models.dev gave them between July and October 2026 (providers.md). */
const windows: readonly [name: RegExp, contextWindow: number][] = [
  [/deepseek-(flash|v4)/, 1_048_576],
  [/glm-5\.[23]/, 1_000_000],
  [/glm-5\.1/, 200_000],
  [/glm-4\.[67]/, 204_800],
  [/minimax-m3/, 1_000_000],
  [/minimax-m2\.7/, 204_800],
  [/kimi-k3/, 1_048_576],
  [/kimi-k2\.[56]/, 262_144],
  [/gpt-5\.6/, 1_050_000],
  [/gpt-oss-120b/, 131_072],
  [/qwen3\.8-max/, 1_000_000],
  [/gemini-3\.[18]/, 1_048_576],
  [/mistral-medium-3\.5/, 262_144],
  [/grok-4\.[67]/, 500_000],
];

/** They refuse a request that holds an image; their quirks leave it out with a note (readsImages in deepseek, glm, minimax). */
const textOnly = /deepseek(?!.*(ocr|vl))|glm-[\d.]+(?![\d.v])|minimax-m[12]\b/;

/** For a model that nothing is known of: a window that is too small only compacts early, one too large loses the turn. */
const cautiousWindow = 128_000;

export function modelFacts(model: string): ModelFacts {
  const name = model.toLowerCase();
  const known = windows.find(([pattern]) => pattern.test(name));
  return { contextWindow: known?.[1] ?? cautiousWindow, images: !textOnly.test(name) };
}
