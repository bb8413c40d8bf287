import { editRequest } from './editRequest.ts';
import { parseJson } from './json.ts';
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
  /** Of the longest name that the wire takes, in characters. */
  toolNameLength: number;
};

/** The wire's name of each declared tool, both ways. */
type NameMap = { wireName(tool: ToolIdentity): string; declared(wireName: string): ToolIdentity | undefined };

/**
 * Rewrites namespaced and custom tools as plain functions for a provider that lacks them, and names that it refuses, in the declarations, the choice
 * and the history. `restoreTools` with the same request undoes it in the reply. Returns the same request when there is
 * nothing to rewrite; otherwise the copy has no `source`, since a relay would send the original.
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
  return (emit) => {
    const custom = new Map<string, ToolDelta>();
    /** Calls whose name has not come: only the name says what their text is. */
    const nameless = new Map<string, ToolDelta>();
    const named = new Set<string>();

    /** A custom tool's text is inside JSON: it can be unwrapped only when it is whole. */
    function flush(key: string): void {
      const call = custom.get(key);
      if (!call) return;
      custom.delete(key);
      emit({ ...call, text: unwrapInput(call.text) });
    }

    function flushAll(): void {
      for (const key of custom.keys()) flush(key);
      for (const delta of nameless.values()) emit(delta);
      nameless.clear();
    }

    function pushTool(delta: ToolDelta): void {
      const open = custom.get(delta.key);
      if (open) custom.set(delta.key, joined(open, delta));
      else if (named.has(delta.key)) emit(delta);
      else begin(joined(nameless.get(delta.key), delta));
    }

    function begin(delta: ToolDelta): void {
      const { key, name } = delta;
      if (name === undefined) {
        nameless.set(key, delta);
        return;
      }
      nameless.delete(key);
      const declared = names.declared(name);
      const restored = { ...delta, ...declared };
      if (declared?.kind === 'custom' && !features.customTools) {
        custom.set(key, restored);
        return;
      }
      named.add(key);
      emit(restored);
    }

    return {
      push(delta) {
        if (delta.type === 'tool-delta') return pushTool(delta);
        if (delta.type === 'block-end') {
          flush(delta.key);
          named.delete(delta.key);
        }
        if (delta.type === 'finish' || delta.type === 'done') flushAll();
        emit(delta);
      },
      end: flushAll,
    };
  };
}

/** What came of a call so far and what comes now. Id and name come once. */
function joined(before: ToolDelta | undefined, delta: ToolDelta): ToolDelta {
  if (!before) return delta;
  const { id = delta.id, name = delta.name } = before;
  return {
    ...delta,
    ...before,
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    text: before.text + delta.text,
  };
}

function needsFlattening(request: ChatRequest, features: ToolFeatures): boolean {
  const lacks = (tool: { kind: Tool['kind']; namespace?: string | undefined }): boolean =>
    (tool.kind === 'custom' && !features.customTools) || (tool.namespace !== undefined && !features.namespaces);
  return (
    request.tools.some(
      (tool) => lacks(tool) || (tool.kind !== 'hosted' && tool.name.length > features.toolNameLength),
    ) ||
    request.messages.some(({ parts }) =>
      parts.some((part) => (part.type === 'tool-call' || part.type === 'tool-result') && lacks(part)),
    )
  );
}

function mapNames(request: ChatRequest, features: ToolFeatures): NameMap {
  const byIdentity = new Map<string, string>();
  const byWireName = new Map<string, ToolIdentity>();
  const add = ({ kind, name, namespace }: ToolIdentity): void => {
    const key = identityKey({ kind, name, namespace });
    if (byIdentity.has(key)) return;
    const wireName = freeName(
      features.namespaces || namespace === undefined ? name : `${namespace}__${name}`,
      byWireName,
      features.toolNameLength,
    );
    byIdentity.set(key, wireName);
    byWireName.set(wireName, namespace === undefined ? { kind, name } : { kind, name, namespace });
  };
  const tools = request.tools.filter((tool) => tool.kind !== 'hosted');
  // Names that can stay as they are come first: they must keep theirs, whatever the others would become.
  for (const tool of tools) if (tool.namespace === undefined && tool.name.length <= features.toolNameLength) add(tool);
  for (const tool of tools) add(tool);
  for (const { parts } of request.messages) for (const part of parts) if (part.type === 'tool-call') add(part);
  return {
    wireName: (tool) => byIdentity.get(identityKey(tool)) ?? tool.name,
    declared: (wireName) => byWireName.get(wireName),
  };
}

function identityKey({ name, namespace }: Omit<ToolIdentity, 'kind'> & { kind?: unknown }): string {
  return JSON.stringify([namespace ?? null, name]);
}

/** `wanted`, cut to what a provider takes, with a number where that is taken already. */
function freeName(wanted: string, taken: Map<string, unknown>, length: number): string {
  const clean = wanted.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, length);
  if (!taken.has(clean)) return clean;
  for (let number = 2; ; number++) {
    const suffix = `_${number}`;
    const name = clean.slice(0, length - suffix.length) + suffix;
    if (!taken.has(name)) return name;
  }
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

/** A grammar can't be enforced on a function's string, so the model is told of it. */
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
 * The text inside `{"input": "..."}`. A model that answers in another shape still said something: a lone string value is
 * taken whatever its name, and anything else goes to the client as it came, whose error the model then sees and mends.
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
