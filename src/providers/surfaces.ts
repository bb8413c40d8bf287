import { fieldsWhere, isObject } from '../canonical/json.ts';
import { describeNatives } from '../canonical/describeNatives.ts';
import { editRequest } from '../canonical/editRequest.ts';
import type { DialectId, JsonObject } from '../canonical/request.ts';
import { objectsIn, without } from './bodyEdits.ts';
import { cite, type Cited } from './cite.ts';
import type { RequestChange } from './replay.ts';

// The parts of a protocol that providers other than its maker support. Clients also send what the maker adds, which many other
// providers refuse.

/** What a surface takes of its protocol's requests; all else is left out. */
export type Surface = {
  /** Fields of the request. */
  fields: readonly string[];
  /** Fields of a tool that the client runs. */
  toolFields: readonly string[];
  /** Messages: fields of `cache_control`. */
  markFields?: readonly string[];
  /** Responses: values of `include`. */
  include?: readonly string[];
  /** Responses: fields of `text`. */
  textFields?: readonly string[];
  /** Fields that are left out. All others go as they are: they are the surface's own. Without it, only `fields` go. */
  leftOut?: readonly string[];
};

/** `everything` is for the protocol's maker. */
export type SurfaceRule = { takes: Surface | 'everything'; source: string };

/** The Messages API as it was before its betas. */
export const messagesSurface: Surface = {
  fields: [
    'model', 'messages', 'system', 'max_tokens', 'stream', 'stop_sequences', 'temperature', 'top_p', 'top_k', 'tools',
    'tool_choice', 'thinking', 'metadata',
  ], // prettier-ignore
  toolFields: ['type', 'name', 'description', 'input_schema', 'cache_control'],
  markFields: ['type'],
};

/** The Responses API without what only OpenAI itself uses. */
export const responsesSurface: Surface = {
  fields: [
    'model', 'input', 'instructions', 'tools', 'tool_choice', 'parallel_tool_calls', 'stream', 'max_output_tokens',
    'max_tool_calls', 'temperature', 'top_p', 'top_logprobs', 'reasoning', 'text', 'store', 'include', 'metadata',
    'previous_response_id', 'truncation', 'user', 'prompt_cache_key', 'service_tier',
  ], // prettier-ignore
  leftOut: [
    'client_metadata', 'safety_identifier', 'prompt_cache_retention', 'background', 'stream_options', 'prompt',
    'conversation', 'context_management', 'moderation',
  ], // prettier-ignore
  toolFields: ['type', 'name', 'description', 'parameters', 'strict'],
  include: ['reasoning.encrypted_content'],
  textFields: ['format'],
};

/** Of providers without a rule of their own. Chat Completions has so many dialects that each provider's edits say it. */
export const commonSurfaces: Partial<Record<DialectId, SurfaceRule>> = {
  'anthropic-messages': {
    takes: messagesSurface,
    source: '"Extra inputs are not permitted" (9router#1468, litellm#26240)',
  },
  'openai-responses': { takes: responsesSurface, source: 'caution: some refuse what they do not know' },
};

/** Undefined for one that takes everything: the protocol's maker, or what the user declares to be as good. */
export function surfaceOf(
  protocol: DialectId,
  rule: SurfaceRule | undefined,
  transformers: readonly { name: string }[],
): Surface | undefined {
  if (protocol === 'anthropic-messages' && transformers.some(({ name }) => name === 'anthropic')) return undefined;
  const { takes = 'everything' } = rule ?? commonSurfaces[protocol] ?? {};
  return takes === 'everything' ? undefined : takes;
}

/** The surface without some of its fields. */
export function fewerFields(surface: Surface, ...names: string[]): Surface {
  const { leftOut, ...rest } = surface;
  return {
    ...rest,
    fields: surface.fields.filter((name) => !names.includes(name)),
    ...(leftOut && { leftOut: [...leftOut, ...names] }),
  };
}

/** The surface of an API that refuses every field which it does not know. */
export function strict({ leftOut: _, ...surface }: Surface): Surface {
  return surface;
}

export function moreFields(surface: Surface, ...names: string[]): Surface {
  return { ...surface, fields: [...new Set([...surface.fields, ...names])] };
}

/** For users: how a surface differs from the common one of its protocol. */
export function describeSurface(protocol: DialectId, { takes }: SurfaceRule): string {
  if (takes === 'everything')
    return 'All fields of the protocol go as they are, and so do the betas of a client of this protocol.';
  const common = commonSurfaces[protocol]?.takes;
  if (common === undefined || common === 'everything' || takes === common) return describeCommon(protocol, takes);
  return [
    'Of the protocol’s fields it gets those of an unknown provider',
    ...listed(', and ', beyond(takes.fields, common.fields)),
    ...listed(', but not ', beyond(common.fields, takes.fields)),
    ...listed('; of `cache_control` also ', beyond(takes.markFields, common.markFields)),
    ...listed('; of `text` also ', beyond(takes.textFields, common.textFields)),
    ...listed('; of `include` also ', beyond(takes.include, common.include)),
    '.',
  ].join('');
}

function describeCommon(protocol: DialectId, { fields, toolFields, markFields, textFields, include }: Surface): string {
  const parts = [
    ...listed('Of the protocol’s fields it gets ', fields),
    ...listed('; of a tool ', toolFields),
    ...listed('; of `cache_control` ', markFields),
    ...listed('; of `text` ', textFields),
    ...listed('; of `include` ', include),
    protocol === 'anthropic-messages'
      ? '. The header `anthropic-beta` and `beta` of the query are left out.'
      : '. Fields that OpenAI does not know go as they are.',
  ];
  return parts.join('');
}

function listed(before: string, names: readonly string[] = []): string[] {
  return names.length === 0 ? [] : [before + [...new Set(names)].map((name) => `\`${name}\``).join(', ')];
}

function beyond(names: readonly string[] = [], known: readonly string[] = []): string[] {
  return names.filter((name) => !known.includes(name));
}

/** Leaves out of `body` what the surface does not take. `wanted`: fields that the user's config adds. */
export function fitToSurface(
  body: JsonObject,
  protocol: DialectId,
  surface: Surface,
  wanted: readonly string[],
): JsonObject {
  const fitted: JsonObject = fieldsWhere(
    body,
    (name) => takes(surface, name) || wanted.includes(name) || saysAdaptiveEffort(name, body),
  );
  const { output_config: config, tools } = fitted;
  if (isObject(config)) fitted['output_config'] = pick(config, ['effort', 'format']);
  if (tools !== undefined) fitted['tools'] = mapObjects(withoutDeferred(tools), (tool) => fitTool(tool, surface));
  return protocol === 'anthropic-messages' ? fitMessages(fitted, surface) : fitResponses(fitted, surface);
}

function takes({ fields, leftOut }: Surface, name: string): boolean {
  return fields.includes(name) || (leftOut !== undefined && !leftOut.includes(name));
}

/** A surface that knows adaptive thinking is as new as the field that says how much. */
function saysAdaptiveEffort(name: string, { thinking, output_config: config }: JsonObject): boolean {
  return (
    name === 'output_config' &&
    isObject(thinking) &&
    thinking['type'] === 'adaptive' &&
    isObject(config) &&
    'effort' in config
  );
}

/** Edits the objects of a list; the same value if nothing changes. */
function mapObjects(list: unknown, edit: (item: JsonObject) => JsonObject): unknown {
  if (!Array.isArray(list)) return list;
  const edited = list.map((item: unknown) => (isObject(item) ? edit(item) : item));
  return edited.every((item, index) => item === list[index]) ? list : edited;
}

function pick(object: JsonObject, names: readonly string[]): JsonObject {
  const isFine = Object.keys(object).every((name) => names.includes(name));
  return isFine ? object : fieldsWhere(object, (name) => names.includes(name));
}

/** Tools that a provider runs have fields of their own. */
function fitTool(tool: JsonObject, { toolFields }: Surface): JsonObject {
  const { type } = tool;
  return type === undefined || type === 'custom' || type === 'function'
    ? pick(tool, type === 'custom' && 'format' in tool ? [...toolFields, 'format'] : toolFields)
    : tool;
}

/** What Anthropic's own blocks have beyond the first version: `caller` of a call, `citations` of a text. */
const laterBlockFields = ['caller', 'citations'];

function fitMessages(body: JsonObject, surface: Surface): JsonObject {
  const fitBlock = (block: JsonObject): JsonObject => fitMark(withoutLater(fitContent(block)), surface);
  const fitContent = (holder: JsonObject): JsonObject => {
    const content = mapObjects(holder['content'], fitBlock);
    return content === holder['content'] ? holder : { ...holder, content };
  };
  const { tools, system, messages } = body;
  return {
    ...body,
    ...(tools !== undefined && { tools: mapObjects(tools, (tool) => fitMark(tool, surface)) }),
    ...(system !== undefined && { system: mapObjects(system, fitBlock) }),
    ...(messages !== undefined && { messages: mapObjects(messages, fitContent) }),
  };
}

function withoutLater(block: JsonObject): JsonObject {
  // `citations` of a document asks for some.
  return block['type'] === 'document' ? block : without(block, ...laterBlockFields);
}

function fitMark(block: JsonObject, { markFields = [] }: Surface): JsonObject {
  const mark = block['cache_control'];
  if (!isObject(mark)) return block;
  const fitted = pick(mark, markFields);
  return fitted === mark ? block : { ...block, cache_control: fitted };
}

function fitResponses(body: JsonObject, { include = [], textFields = [] }: Surface): JsonObject {
  const { include: asked, text, ...rest } = body;
  const included = Array.isArray(asked) ? asked.filter((each) => include.includes(String(each))) : [];
  const fittedText = isObject(text) ? pick(text, textFields) : {};
  return {
    ...rest,
    ...(included.length > 0 && { include: included }),
    ...(Object.keys(fittedText).length > 0 && { text: fittedText }),
    // Codex's `phase` of a message is OpenAI's alone.
    ...(rest['input'] !== undefined && { input: mapObjects(rest['input'], withoutPhase) }),
  };
}

function withoutPhase(item: JsonObject): JsonObject {
  if (!('phase' in item)) return item;
  const { phase: _, ...rest } = item;
  return rest;
}

/**
 * A relay would send references to tools that a search of Anthropic's has loaded, and blocks of tools that only Anthropic runs.
 * Without those it sends the client's own JSON, less the tools that are to be loaded later (see fitMessages).
 */
export const writeAnew: Cited<RequestChange> = cite('clients-wire.md, "Claude Code"', {
  change: 'Deferred tools that no search has loaded, and blocks of tools that only Anthropic runs, are left out.',
  edit: (request) => {
    const messages = describeNatives(request.messages, 'openai-chat');
    const isLoading = objectsIn(request.source?.body['tools']).some(isDeferred) && hasReferences(request.source?.body);
    return messages === request.messages && !isLoading ? request : editRequest(request, { messages: [...messages] });
  },
});

function withoutDeferred(tools: unknown): unknown {
  if (!Array.isArray(tools) || !objectsIn(tools).some(isDeferred)) return tools;
  return tools.filter((tool) => !isObject(tool) || !isDeferred(tool));
}

function isDeferred(tool: JsonObject): boolean {
  return tool['defer_loading'] === true;
}

function hasReferences(body: JsonObject | undefined): boolean {
  const blocks = objectsIn(body?.['messages']).flatMap(({ content }) => objectsIn(content));
  return blocks.some(({ content }) => objectsIn(content).some(({ type }) => type === 'tool_reference'));
}
