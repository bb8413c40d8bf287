import { deltaStage, type DeltaHandlers } from './deltaStage.ts';
import { editRequest } from './editRequest.ts';
import { fittingName, type NameRule } from './fittingName.ts';
import { parseJson } from './json.ts';
import { createNamelessCalls, joinToolDeltas } from './namelessCalls.ts';
import type { Delta, ToolDelta } from './events.ts';
import type {
  ChatRequest,
  CustomTool,
  FunctionTool,
  JsonObject,
  Message,
  Part,
  Tool,
  ToolIdentity,
} from './request.ts';
import type { Stage } from './stage.ts';

/** The one property that carries a custom tool's free text through a wire that knows only functions. */
const inputProperty = 'input';

export type ToolFeatures = {
  customTools: boolean;
  namespaces: boolean;
  /** Which names the wire takes. */
  toolNames: NameRule;
};

/** Maps declared tools to their names on the wire, and back. */
type NameMap = { wireName(tool: ToolIdentity): string; declared(wireName: string): ToolIdentity | undefined };

/**
 * Rewrites namespaced and custom tools as plain functions for a provider that lacks them, and names that it does not take,
 * in the declarations, the choice and the history. `restoreTools` with the same request undoes it in the
 * reply. Returns the same request if there is nothing to rewrite.
 */
export function flattenTools(request: ChatRequest, features: ToolFeatures): ChatRequest {
  if (!needsFlattening(request, features)) return request;
  const names = mapNames(request, features);
  return editRequest(request, {
    tools: request.tools.map((tool) => (tool.kind === 'hosted' ? tool : flattenTool(tool, names, features))),
    toolChoice: flattenChoice(request.toolChoice, names, features),
    messages: request.messages.map((message) => flattenMessage(message, names, features)),
  });
}

/** Gives the calls of a reply the name, namespace and kind that the client declared. */
export function restoreTools(request: ChatRequest, features: ToolFeatures): Stage<Delta, Delta> | undefined {
  if (!needsFlattening(request, features)) return undefined;
  const names = mapNames(request, features);
  return deltaStage((emit) => restoreCalls(names, features, emit));
}

function restoreCalls(names: NameMap, features: ToolFeatures, emit: (delta: Delta) => void): DeltaHandlers {
  /** Calls of custom tools: their text is inside JSON, which can be unwrapped only when it is complete. */
  const custom = new Map<string, ToolDelta>();
  const nameless = createNamelessCalls(emit);
  const named = new Set<string>();

  function begin(delta: ToolDelta): void {
    const call = nameless.push(delta);
    if (!call) return;
    const { key, name } = call;
    const declared = names.declared(name);
    const restored = { ...call, ...declared };
    if (declared?.kind === 'custom' && !features.customTools) {
      custom.set(key, restored);
      return;
    }
    named.add(key);
    emit(restored);
  }

  function unwrap(key: string, input?: string): boolean {
    const call = custom.get(key);
    if (!call) return false;
    custom.delete(key);
    emit({ ...call, text: unwrapInput(input ?? call.text) });
    return true;
  }

  return {
    tool(delta) {
      const open = custom.get(delta.key);
      if (open) custom.set(delta.key, joinToolDeltas(open, delta));
      else if (named.has(delta.key)) emit(delta);
      else begin(delta);
    },
    blockEnd(delta) {
      named.delete(delta.key);
      emit(unwrap(delta.key, delta.input) ? { ...delta, input: undefined } : delta);
    },
    flush() {
      for (const key of custom.keys()) unwrap(key);
      nameless.flush();
    },
  };
}

function needsFlattening(request: ChatRequest, features: ToolFeatures): boolean {
  const { pattern } = features.toolNames;
  const lacks = (tool: { kind: Tool['kind']; namespace?: string | undefined }): boolean =>
    (tool.kind === 'custom' && !features.customTools) || (tool.namespace !== undefined && !features.namespaces);
  for (const tool of request.tools)
    if (lacks(tool) || (tool.kind !== 'hosted' && !pattern.test(tool.name))) return true;
  for (const { parts } of request.messages)
    for (const part of parts) {
      if (part.type === 'tool-call' && (lacks(part) || !pattern.test(part.name))) return true;
      if (part.type === 'tool-result' && lacks(part)) return true;
    }
  return false;
}

function mapNames(request: ChatRequest, features: ToolFeatures): NameMap {
  const byIdentity = new Map<string, string>();
  const byWireName = new Map<string, ToolIdentity>();
  const add = ({ kind, name, namespace }: ToolIdentity): void => {
    const key = identityKey({ kind, name, namespace });
    if (byIdentity.has(key)) return;
    const wanted = features.namespaces || namespace === undefined ? name : `${namespace}__${name}`;
    const wireName = fittingName(wanted, features.toolNames, (taken) => byWireName.has(taken));
    byIdentity.set(key, wireName);
    byWireName.set(wireName, namespace === undefined ? { kind, name } : { kind, name, namespace });
  };
  const tools = request.tools.filter((tool) => tool.kind !== 'hosted');
  // First the names that need no change, so that a rewritten name never takes one of them.
  for (const tool of tools) if (tool.namespace === undefined && features.toolNames.pattern.test(tool.name)) add(tool);
  for (const tool of tools) add(tool);
  // The history may have calls of tools that are no longer declared.
  for (const { parts } of request.messages) for (const part of parts) if (part.type === 'tool-call') add(part);
  return {
    wireName: (tool) => byIdentity.get(identityKey(tool)) ?? tool.name,
    declared: (wireName) => byWireName.get(wireName),
  };
}

function identityKey({ name, namespace }: Omit<ToolIdentity, 'kind'> & { kind?: unknown }): string {
  return JSON.stringify([namespace ?? null, name]);
}

function flattenTool(tool: FunctionTool | CustomTool, names: NameMap, features: ToolFeatures): Tool {
  const name = names.wireName(tool);
  if (tool.kind === 'custom' && features.customTools) return { ...tool, name, namespace: undefined };
  if (tool.kind === 'function') return { ...tool, name, namespace: features.namespaces ? tool.namespace : undefined };
  return { kind: 'function', name, description: describeCustom(tool), parameters: inputSchema(tool) };
}

function inputSchema(tool: CustomTool): JsonObject {
  const description = `The raw ${tool.name} input, as one string. Not JSON inside the string.`;
  return {
    type: 'object',
    properties: { [inputProperty]: { type: 'string', description } },
    required: [inputProperty],
    additionalProperties: false,
  };
}

/** A grammar can't be enforced on a function's argument, so the description states it. */
function describeCustom({ description = '', format }: CustomTool): string {
  if (format?.['type'] !== 'grammar') return description;
  const grammar = `The input must follow this ${String(format['syntax'])} grammar:\n${String(format['definition'])}`;
  return description ? `${description}\n\n${grammar}` : grammar;
}

function flattenChoice(
  choice: ChatRequest['toolChoice'],
  names: NameMap,
  features: ToolFeatures,
): ChatRequest['toolChoice'] {
  if (choice.type !== 'tool') return choice;
  const kind = features.customTools ? choice.kind : 'function';
  return {
    type: 'tool',
    kind,
    name: names.wireName(choice),
    namespace: features.namespaces ? choice.namespace : undefined,
  };
}

function flattenMessage(message: Message, names: NameMap, features: ToolFeatures): Message {
  return { ...message, parts: message.parts.map((part) => flattenPart(part, names, features)) };
}

function flattenPart(part: Part, names: NameMap, features: ToolFeatures): Part {
  if (part.type === 'tool-result') return features.customTools ? part : { ...part, kind: 'function' };
  if (part.type !== 'tool-call') return part;
  const namespace = features.namespaces ? part.namespace : undefined;
  const flat = { ...part, name: names.wireName(part), namespace };
  if (part.kind === 'function' || features.customTools) return flat;
  return { ...flat, kind: 'function', input: JSON.stringify({ [inputProperty]: part.input }) };
}

/**
 * The text inside `{"input": "..."}`. Of other shapes, a lone string value is used whatever its name. Anything else goes to
 * the client unchanged: the model corrects itself from the client's error.
 */
function unwrapInput(text: string): string {
  const value = parseJson(text);
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return text;
  const given = (value as JsonObject)[inputProperty];
  if (typeof given === 'string') return given;
  const strings = Object.values(value).filter((entry) => typeof entry === 'string');
  return strings.length === 1 && strings[0] !== undefined ? strings[0] : text;
}
