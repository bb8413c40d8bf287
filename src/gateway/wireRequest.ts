import { askForSummary } from '../canonical/compaction.ts';
import { editRequest, setParameters } from '../canonical/editRequest.ts';
import { isObject, own, withoutUndefined } from '../canonical/json.ts';
import type { Delta } from '../canonical/events.ts';
import { fitHistory } from '../canonical/fitHistory.ts';
import { flattenTools, restoreTools } from '../canonical/flattenTools.ts';
import { renameParameters } from '../canonical/parameterNames.ts';
import type { ChatRequest, JsonObject, Sampling, Tool } from '../canonical/request.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import { replaceUnreadable } from '../canonical/replaceUnreadable.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Provider } from '../providers/provider.ts';
import { readEffortWord } from '../reasoning/unknownEffort.ts';
import { applyTransforms } from '../transformers/transform.ts';

/** A request in the form that a provider gets. */
export type WireRequest = {
  body: JsonObject;
  /** The tools as the provider knows them. */
  tools: readonly Tool[];
  /** Makes the stage that undoes the request's edits in the reply; undefined if there is nothing to undo. */
  restore(note: (message: string) => void): Stage<Delta, Delta> | undefined;
  /** Names of the transforms that were applied. */
  applied: string[];
  /** Whether the body is based on the client's own JSON. */
  relay: boolean;
  /** Names of the hosted tools that this provider can't run. */
  dropped: string[];
  /** The client's parameters that affect the answer but are not in the body under any name. */
  lost: string[];
  /** Names of the tools whose schema the provider would refuse, so that part of it is in their description. */
  reduced: string[];
  /** Names of called tools whose input in the conversation was no JSON object and has been made one. */
  misfits: string[];
  /** Whether the conversation has parts that this provider can't read. They are replaced by a text for the model. */
  unreadable: boolean;
  /** Whether the request asks for a summary, because the provider has no compaction of its own. */
  summary: boolean;
};

/** Applies the canonical edits, writes the wire body, then applies the provider's edits of it. Decides on the relay. */
export function writeWireRequest(
  request: ChatRequest,
  dialect: Dialect,
  provider: Provider,
  model: string,
): WireRequest {
  const summary = request.compaction === true && !provider.features.compaction;
  const readable = replaceUnreadable(request, (part) => part.dialect === dialect.id && provider.features.compaction);
  const asked = summary ? askForSummary(readable) : readable;
  const edited = provider.quirks.request?.(asked) ?? asked;
  // A stored conversation stays as it was sent: transforming only its new messages would not fit it.
  const transforms = asked.continuation?.held ? [] : (provider.quirks.transforms ?? []);
  const transformed = applyTransforms(edited, transforms);
  const { request: supported, dropped } = dropHostedTools(transformed.request, provider);
  const misfits: string[] = [];
  const messages = fitHistory(supported.messages, supported.tools, (name) => misfits.push(name));
  const fitted = messages === supported.messages ? supported : editRequest(supported, { messages: [...messages] });
  const named = renameParameters(fitted, provider.features.parameterNames);
  const flat = flattenTools(named.request, provider.features);
  const relay = flat.source?.dialect === dialect.id && dialect.canRelay(flat);
  const written =
    flat.source && relay ? dialect.patchSource(flat.source.body, flat, model) : dialect.writeRequest(flat, model);
  const reduced: string[] = [];
  const adapted = provider.quirks.body?.(written, (tool) => reduced.push(tool)) ?? written;
  const body = provider.quirks.surface?.(adapted, presetNames(request)) ?? adapted;
  const restored = flat === named.request ? undefined : restoreTools(named.request, provider.features);
  return {
    body,
    tools: flat.tools,
    restore(note) {
      // The last to edit the request is the first to read the reply.
      const stages = transformed.replies.map((reply) => reply(flat, note)).toReversed();
      if (restored) stages.push(restored);
      if (named.restore) stages.push(named.restore);
      return stages.length === 0 ? undefined : stages.reduce((before, stage) => chain(before, stage));
    },
    applied: transformed.names,
    relay,
    dropped,
    lost: [...lostParameters(asked, body), ...lostFeatures(asked, written, body, relay)],
    reduced,
    misfits: misfits.length === 0 ? misfits : [...new Set(misfits)],
    unreadable: readable !== request,
    summary,
  };
}

/** Of `extra`, what the user's preset says: the provider gets that in any case. A Messages client's own is `top_k` alone. */
function presetNames({ extra, source }: ChatRequest): string[] {
  return Object.keys(extra ?? {}).filter((name) => (source ? !Object.hasOwn(source.body, name) : name !== 'top_k'));
}

/** Drops the tools that only another provider's servers run: all of them, or those of another protocol. */
function dropHostedTools(
  request: ChatRequest,
  { protocol, features }: Pick<Provider, 'protocol' | 'features'>,
): { request: ChatRequest; dropped: string[] } {
  const isKept = (tool: Tool): boolean => tool.kind !== 'hosted' || (features.hostedTools && tool.dialect === protocol);
  const tools = request.tools.filter(isKept);
  if (tools.length === request.tools.length) return { request, dropped: [] };
  const dropped = request.tools.filter((tool) => !isKept(tool)).map(({ name }) => name);
  const toolChoice = request.toolChoice.type === 'hosted' ? { type: 'auto' as const } : request.toolChoice;
  return { request: editRequest(request, { tools, toolChoice }), dropped };
}

/** Other names of parameters, in some dialects and at some providers. */
const otherNames: Record<string, string[]> = { stop: ['stop_sequences'], seed: ['random_seed'] };

function lostParameters({ sampling, extra, dialectParameters }: ChatRequest, body: JsonObject): string[] {
  const wanted = [
    ...(sampling.stop && sampling.stop.length > 0 ? ['stop'] : []),
    ...(sampling.seed === undefined ? [] : ['seed']),
    ...(sampling.frequencyPenalty ? ['frequency_penalty'] : []),
    ...(sampling.presencePenalty ? ['presence_penalty'] : []),
    ...(extra?.['top_k'] === undefined ? [] : ['top_k']),
    ...Object.keys(dialectParameters?.parameters ?? {}),
  ];
  return [...new Set(wanted)].filter(
    (name) => ![name, ...(own(otherNames, name) ?? [])].some((each) => Object.hasOwn(body, each)),
  );
}

function isStrictTool(tool: Tool): boolean {
  return tool.kind === 'function' && tool.strict === true;
}

/** What the provider's edits took out of the body that was written, where the answer will differ. */
function lostFeatures({ tools }: ChatRequest, written: JsonObject, body: JsonObject, relay: boolean): string[] {
  const strict = relay && tools.some(isStrictTool);
  const thinks = ({ thinking, output_config: config }: JsonObject): boolean =>
    (isObject(thinking) && thinking['type'] !== 'disabled' && !(Number(thinking['budget_tokens']) <= 0)) ||
    (isObject(config) && 'effort' in config);
  const lostThinking =
    isObject(written['thinking']) && thinks(written) && !thinks(body) && !('reasoning_effort' in body);
  return [
    ...(strict && !isStrict(body) ? ['strict (of a tool)'] : []),
    ...(lostThinking ? ['thinking'] : []),
    ...(stopsOf(body) > 0 && stopsOf(body) < stopsOf(written) ? ['some of the stop sequences'] : []),
  ];
}

function stopsOf(body: JsonObject): number {
  const stops: unknown = body['stop'] ?? body['stop_sequences'];
  return Array.isArray(stops) ? stops.filter((stop) => typeof stop === 'string' && stop.trim() !== '').length : 0;
}

function isStrict({ tools }: JsonObject): boolean {
  return (
    Array.isArray(tools) &&
    tools.some((tool: unknown) => {
      const declared = isObject(tool) && isObject(tool['function']) ? tool['function'] : tool;
      return isObject(declared) && declared['strict'] === true;
    })
  );
}

/** Canonical names of Chat Completions parameters, for presets. */
const samplingNames: Record<string, keyof Sampling> = {
  max_tokens: 'maxTokens',
  max_completion_tokens: 'maxTokens',
  temperature: 'temperature',
  top_p: 'topP',
  stop: 'stop',
  seed: 'seed',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
};

/** Adds a preset's parameters; the request's own win. Keys that start with `_` are comments. */
export function applyParameters(request: ChatRequest, parameters: JsonObject): ChatRequest {
  const entries = Object.entries(parameters).filter(([name, value]) => !name.startsWith('_') && value !== undefined);
  if (entries.length === 0) return request;
  const sampling: JsonObject = {};
  const extra: JsonObject = {};
  for (const [name, value] of entries) {
    const known = own(samplingNames, name);
    if (known) sampling[known] = name === 'stop' && typeof value === 'string' ? [value] : value;
    else extra[name] = value;
  }
  const word = extra['reasoning_effort'];
  delete extra['reasoning_effort'];
  const effort = typeof word === 'string' ? readEffortWord(word) : undefined;
  return setParameters(request, {
    sampling: { ...(sampling as Sampling), ...withoutUndefined(request.sampling) },
    ...(effort !== undefined && { reasoning: { effort, ...withoutUndefined(request.reasoning ?? {}) } }),
    extra: { ...extra, ...request.extra },
  });
}
