import { findNamed } from '../canonical/lists.ts';
import type { DialectId } from '../canonical/request.ts';
import { wording, type Wording } from '../canonical/wording.ts';
import type { ThinkTagOptions } from '../reasoning/thinkTags.ts';
import { enhanceTool } from '../transformers/enhanceTool.ts';
import { outputCompress } from '../transformers/outputCompress.ts';
import { toolCompress } from '../transformers/toolCompress.ts';
import { toolUse } from '../transformers/toolUse.ts';
import type { NamedTransform, Transform, TransformOptions } from '../transformers/transform.ts';
import { dropFields, capMaxTokens, type BodyChange } from './bodyEdits.ts';
import type { Transformer } from './quirk.ts';

/** What each name in `transformer.use` does, apart from provider names, and what it costs. For users. */
export const transformerEffects: Record<string, Wording> = {
  identity: wording('Changes nothing in requests or answers.'),
  maxtoken: wording('Lowers the limit of output tokens to `max_tokens`.'),
  reasoning: wording('Sends the reasoning of earlier turns back to providers that are not known to need it.'),
  thinktag: wording(
    'Extracts a thinking block at the start of the text, as CCR does for every Chat Completions provider. With `implied_opener`, also if the opening tag is missing.',
  ),
  tooluse: wording(
    'For models that announce a tool call instead of making it. The model must call a tool in every answer and gets an extra tool, `ExitTool`, for answering in text; the client sees only that text. No effect without tools, or if the client sets a tool choice or an answer format. Cost: a few more tokens, and the answer is written as a tool argument. If the provider does not accept `required`, or thinking rules it out, only `ExitTool` and a reminder in the system prompt are added.',
  ),
  enhancetool: wording(
    'Repairs tool arguments that are not valid JSON (quotes, commas, line ends, code fences, brackets) if only one reading is possible and the result fits the tool; each repair is logged as a warning, but not what CCR has repaired already. Other arguments are passed on unchanged. Cost: tool arguments are no longer streamed but sent whole.',
  ),
  toolcompress: wording(
    'Shortens the descriptions in tool definitions. `level` 1 or `low` (the default) removes examples and extra white space; 2 or `medium` also keeps only the beginning of each description; 3 or `high` keeps only the first sentence of each tool and drops parameter descriptions. Names, types and required parameters are kept, and tools with free-text input are not changed. Cost: the model does not see the removed text.',
  ),
  output_compress: wording(
    'Removes noise from command output in the conversation and leaves a note in its place: passing tests, build and installation progress, changes in lock files, all but the first matches in each file, older log entries. What is removed depends on the command that was run. Lines that are not known to be noise are kept, and so is the output of all other commands, such as those that read files. Results with fewer than `min_lines` lines (default 40) are kept whole. Cost: if the model needs the removed lines, it must run the command again.',
  ),
  anthropic: wording(
    'If `protocol` is not set, the provider uses Messages (`protocol: anthropic`). On that protocol it gets everything that Anthropic’s own API accepts, betas included, so nothing is left out.',
  ),
  'openai-to-anthropic': wording('No effect: CCR translates between all protocols.'),
};

const transforms = new Map<string, (options: TransformOptions, protocol: DialectId) => Transform>([
  ['output_compress', outputCompress],
  ['toolcompress', toolCompress],
  ['enhancetool', () => enhanceTool],
  ['tooluse', (_, protocol) => toolUse(protocol)],
]);

/** The transforms that metrics count for each request they apply to, in the order in which they run; the order in the config does not matter. */
export function namedTransforms(transformers: readonly Transformer[], protocol: DialectId): NamedTransform[] {
  return [...transforms].flatMap(([name, create]) => {
    const asked = transformers.find((transformer) => transformer.name === name);
    return asked ? [{ name, transform: create(asked.options ?? {}, protocol) }] : [];
  });
}

const withoutEffect = new Set(['anthropic', 'openai-to-anthropic']);

/** Names of the transformers that apply to every request. */
export function countedTransformers(transformers: readonly Transformer[]): string[] {
  return transformers
    .map(({ name }) => name)
    .filter((name) => Object.hasOwn(transformerEffects, name) && !transforms.has(name) && !withoutEffect.has(name));
}

/** The body edits of the transformers that have one. */
export function transformerEdits(transformers: readonly Transformer[]): BodyChange[] {
  return transformers.map(({ name, options }) => {
    const limit = name === 'maxtoken' ? Number(options?.['max_tokens']) : Number.NaN;
    return limit > 0 ? capMaxTokens(limit) : dropFields();
  });
}

/** The options of `thinktag`; undefined if it is not used. */
export function thinkTagOptions(transformers: readonly Transformer[]): ThinkTagOptions | undefined {
  const thinktag = findNamed(transformers, 'thinktag');
  return thinktag && (thinktag.options?.['implied_opener'] === true ? { impliedOpener: true } : {});
}
