import { askForSummary } from '../canonical/compaction.ts';
import { editRequest, setParameters } from '../canonical/editRequest.ts';
import type { Delta } from '../canonical/events.ts';
import { flattenTools, restoreTools } from '../canonical/flattenTools.ts';
import type { ChatRequest, JsonObject, Sampling } from '../canonical/request.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import { replaceUnreadable } from '../canonical/replaceUnreadable.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Features, Provider } from '../providers/provider.ts';
import { applyTransforms } from '../transformers/transform.ts';

/** A request as one provider gets it. */
export type WireRequest = {
  body: JsonObject;
  /** What gives the reply the form that fits the client's request; undefined where it has that already. */
  restore(note: (message: string) => void): Stage<Delta, Delta> | undefined;
  /** Names of the transforms that took part. */
  applied: string[];
  /** Whether the body started from the client's own JSON. */
  relay: boolean;
  /** Hosted tools that this provider can't run, by name. */
  dropped: string[];
  /** Parameters of the client's that change the answer and that the body has under no name. */
  lost: string[];
  /** Whether the conversation has parts that this provider can't read, of which the model is told. */
  unreadable: boolean;
  /** Whether the provider is asked for a summary, since it has no compaction of its own. */
  summary: boolean;
};

/** The canonical edits, then the wire body, then the provider's edits of it. The one place that decides on a relay. */
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
  // What a provider keeps itself of a conversation, it keeps in the form that it got.
  const transforms = asked.continuation?.held ? [] : (provider.quirks.transforms ?? []);
  const transformed = applyTransforms(edited, transforms);
  const { request: supported, dropped } = dropHostedTools(transformed.request, provider.features);
  const flat = flattenTools(supported, provider.features);
  const relay = flat.source?.dialect === dialect.id && dialect.canRelay(flat);
  const written =
    flat.source && relay ? dialect.patchSource(flat.source.body, flat, model) : dialect.writeRequest(flat, model);
  const body = provider.quirks.body?.(written) ?? written;
  const restored = restoreTools(supported, provider.features);
  return {
    body,
    restore(note) {
      // The last one to edit the request is the first one to read the reply.
      const replies = transformed.replies.map((reply) => reply(flat, note)).toReversed();
      const [first, ...rest] = restored ? [...replies, restored] : replies;
      return first && rest.reduce((before, stage) => chain(before, stage), first);
    },
    applied: transformed.names,
    relay,
    dropped,
    lost: lostParameters(asked, body),
    unreadable: readable !== request,
    summary,
  };
}

/** Leaves out what only another provider's servers could run, unless it is this wire's own tool and the provider has it. */
function dropHostedTools(request: ChatRequest, features: Features): { request: ChatRequest; dropped: string[] } {
  if (features.hostedTools) return { request, dropped: [] };
  const dropped = request.tools.filter(({ kind }) => kind === 'hosted').map(({ name }) => name);
  if (dropped.length === 0) return { request, dropped };
  const tools = request.tools.filter(({ kind }) => kind !== 'hosted');
  const toolChoice = request.toolChoice.type === 'hosted' ? { type: 'auto' as const } : request.toolChoice;
  return { request: editRequest(request, { tools, toolChoice }), dropped };
}

/** What wires and providers call the parameters that not all of them have. */
const otherNames: Record<string, string[]> = { stop: ['stop_sequences'], seed: ['random_seed'] };

function lostParameters({ sampling, extra, beyond }: ChatRequest, body: JsonObject): string[] {
  const wanted = [
    ...(sampling.stop && sampling.stop.length > 0 ? ['stop'] : []),
    ...(sampling.seed === undefined ? [] : ['seed']),
    ...(sampling.frequencyPenalty ? ['frequency_penalty'] : []),
    ...(sampling.presencePenalty ? ['presence_penalty'] : []),
    ...(extra?.['top_k'] === undefined ? [] : ['top_k']),
    ...Object.keys(beyond?.parameters ?? {}),
  ];
  return [...new Set(wanted)].filter((name) => ![name, ...(otherNames[name] ?? [])].some((each) => each in body));
}

/** The Chat Completions names of what the canonical form models, for presets. */
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

/** Adds a preset's parameters where the request has none of its own. Keys that start with `_` are comments. */
export function applyParameters(request: ChatRequest, parameters: JsonObject): ChatRequest {
  const entries = Object.entries(parameters).filter(([name, value]) => !name.startsWith('_') && value !== undefined);
  if (entries.length === 0) return request;
  const sampling: JsonObject = {};
  const extra: JsonObject = {};
  for (const [name, value] of entries) {
    const known = Object.hasOwn(samplingNames, name) ? samplingNames[name] : undefined;
    if (known) sampling[known] = name === 'stop' && typeof value === 'string' ? [value] : value;
    else extra[name] = value;
  }
  const effort = extra['reasoning_effort'];
  delete extra['reasoning_effort'];
  return setParameters(request, {
    sampling: { ...(sampling as Sampling), ...withoutUndefined(request.sampling) },
    ...(effort === undefined
      ? {}
      : { reasoning: { effort: effort as never, ...withoutUndefined(request.reasoning ?? {}) } }),
    extra: { ...extra, ...request.extra },
  });
}

function withoutUndefined<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
