import type { DialectId } from '../canonical/request.ts';
import type { ThinkTagOptions } from '../reasoning/thinkTags.ts';
import { enhanceTool } from '../transformers/enhanceTool.ts';
import { outputCompress } from '../transformers/outputCompress.ts';
import { toolCompress } from '../transformers/toolCompress.ts';
import { toolUse } from '../transformers/toolUse.ts';
import type { NamedTransform, Transform, TransformOptions } from '../transformers/transform.ts';
import { dropFields, capMaxTokens, type BodyChange } from './bodyEdits.ts';
import type { Transformer } from './quirk.ts';

/** What `transformer.use` names other than providers do, and at what price. */
export const transformerEffects: Record<string, string> = {
  identity: 'Nothing is changed, neither in the request nor in the answer.',
  maxtoken: 'Lowers the limit of output tokens to `max_tokens`.',
  reasoning: 'Sends reasoning of earlier turns back, where the provider is not known to want it.',
  thinktag:
    'Takes a leading block of thinking out of the text, as is done for every chat provider. With `implied_opener` also where the opening tag is missing.',
  tooluse:
    'For models that talk of calling a tool instead of calling it: they must call one in every answer, and get one more, `ExitTool`, to answer with; the client sees its text only. No effect without tools, where the client chooses the tool itself, or where it sets a form for the answer. Price: some tokens more, and the answer is an argument of a call. Where a provider refuses `required`, or thinking excludes it, the reminder and `ExitTool` are all there is.',
  enhancetool:
    'Repairs arguments of calls that are not JSON (quotes, commas, line ends, code fences, brackets), if there is no doubt what was meant and it fits the tool; a warning says so. Anything else reaches the client as it came. Price: the arguments of calls no longer stream, they come whole.',
  toolcompress:
    'Shortens descriptions in the declarations of tools. `level` 1 or `low` (the default): no examples and no empty space; 2 or `medium`: the beginning of each; 3 or `high`: the first sentence of a tool, and nothing of its parameters. Names, types and what is required stay, and so do tools with a grammar. Price: what was left out, the model does not know.',
  output_compress:
    'Leaves lines out of the results of commands in the conversation, of which the model is told where they stood: passing tests, progress of builds and installations, changes in lock files, all but the first matches of a file, the older part of a log. By the command that was run; a line that is not known to be noise stays, and so does everything of other commands, such as those that read files. `min_lines` (default 40): shorter results stay whole. Price: what was left out, the model must ask for again.',
  anthropic:
    'Without `protocol` the provider speaks Messages (`protocol: anthropic`). On that protocol it takes all that Anthropic’s own API does, betas included, so nothing is left out.',
  'openai-to-anthropic': 'No effect: CCR translates between all protocols.',
};

const transforms = new Map<string, (options: TransformOptions, protocol: DialectId) => Transform>([
  ['output_compress', outputCompress],
  ['toolcompress', toolCompress],
  ['enhancetool', () => enhanceTool],
  ['tooluse', (_, protocol) => toolUse(protocol)],
]);

/** Those that count by the request, in the order in which they work, whatever order they are asked for in. */
export function namedTransforms(transformers: readonly Transformer[], protocol: DialectId): NamedTransform[] {
  return [...transforms].flatMap(([name, create]) => {
    const asked = transformers.find((transformer) => transformer.name === name);
    return asked ? [{ name, transform: create(asked.options ?? {}, protocol) }] : [];
  });
}

const withoutEffect = new Set(['anthropic', 'openai-to-anthropic']);

/** Names of those that take part in every request. */
export function countedTransformers(transformers: readonly Transformer[]): string[] {
  return transformers
    .map(({ name }) => name)
    .filter((name) => Object.hasOwn(transformerEffects, name) && !transforms.has(name) && !withoutEffect.has(name));
}

/** Body edits of the names above that have one. */
export function transformerEdits(transformers: readonly Transformer[]): BodyChange[] {
  return transformers.map(({ name, options }) => {
    const limit = name === 'maxtoken' ? Number(options?.['max_tokens']) : Number.NaN;
    return limit > 0 ? capMaxTokens(limit) : dropFields();
  });
}

/** What `thinktag` asks for; undefined without it. */
export function thinkTagOptions(transformers: readonly Transformer[]): ThinkTagOptions | undefined {
  const thinktag = transformers.find(({ name }) => name === 'thinktag');
  return thinktag && (thinktag.options?.['implied_opener'] === true ? { impliedOpener: true } : {});
}
