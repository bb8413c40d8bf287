// Names that clients ask for without knowing what the config has: they say which kind of model is wanted, not which one.

/** A separator in a model's name, or its end. */
const edge = String.raw`(?:[-_./:@\s[(]|$)`;

/** Small and fast models, which clients use for titles and other background work. */
const small = new RegExp(String.raw`(?:^|[-_./\s])(?:haiku|nano|mini|lite|small)${edge}`, 'i');

/** Models that always think before they answer. */
const reasoning = new RegExp(
  String.raw`(?<!non)(?:^|[-_./\s])(?:o[134]|r1|qwq|reasoner|reasoning|thinking)${edge}`,
  'i',
);

/** Whether the name is one of a reasoning model, such as `o3-mini` or `deepseek-reasoner`. */
export function isReasoningName(model: string): boolean {
  return reasoning.test(model);
}

/** Whether the name is one of a small model, such as `claude-haiku-4-5`. `o3-mini` is a reasoning model instead. */
export function isSmallName(model: string): boolean {
  return small.test(model) && !reasoning.test(model);
}

/** The id of Anthropic's in the name of a model, as in `anthropic,claude-opus-4-7` or `anthropic/claude-opus-4-7`. */
export function claudeModelId(model: string): string | undefined {
  return /(?:^|[,/])(claude-[a-z0-9-]+)$/.exec(model)?.[1];
}

/** Of OpenRouter: which of its hosts to prefer. `:free` is another price, so it is no such mark. */
const hostMarks = /(?::(?:nitro|floor|online|exacto|extended)|@preset\/[\w-]+)$/i;

/** The name without what says how to choose among the hosts of the model. */
export function withoutHostMark(model: string): string {
  return model.replace(hostMarks, '');
}

/** Names from the setup guide, which a config may omit. Codex does not offer apply_patch to a model without an entry in its catalog. */
export const unconfiguredNames: readonly string[] = ['gpt-4o', 'o3-mini'];
