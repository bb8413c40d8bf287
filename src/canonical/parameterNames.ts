import { deltaStage, type DeltaHandlers } from './deltaStage.ts';
import { editRequest } from './editRequest.ts';
import type { Delta, ToolDelta } from './events.ts';
import { fittingName, type NameRule } from './fittingName.ts';
import { isObject } from './json.ts';
import { createKeyRenamer, type KeyRenamer } from './keyRenamer.ts';
import { createNamelessCalls } from './namelessCalls.ts';
import type { ChatRequest, FunctionTool, JsonObject, Message, Part, ToolIdentity } from './request.ts';
import type { Stage } from './stage.ts';

/** Old names to new ones. */
type Renames = ReadonlyMap<string, string>;

/** A tool's parameters that have another name on the wire. Names are unique in the tool's whole schema. */
type ToolRenames = { toWire: Renames; toClient: Renames };

/** By `toolKey`: those tools alone that have such parameters. */
type AllRenames = ReadonlyMap<string, ToolRenames>;

/**
 * Rewrites the names of parameters that a provider does not take (`filter[id]`, `$select`), in the schemas and in the calls
 * of the history. `restore` undoes it in the calls of the reply. Returns the same request, and no stage, if there is nothing
 * to rewrite.
 */
export function renameParameters(
  request: ChatRequest,
  rule: NameRule,
): { request: ChatRequest; restore?: Stage<Delta, Delta> } {
  const renames = findRenames(request, rule);
  if (!renames) return { request };
  const renamed = editRequest(request, {
    tools: request.tools.map((tool) => {
      const ofTool = tool.kind === 'function' ? renames.get(toolKey(tool)) : undefined;
      return ofTool && tool.kind === 'function' ? renameDeclared(tool, ofTool.toWire) : tool;
    }),
    messages: request.messages.map((message) => renameHistory(message, renames)),
  });
  return { request: renamed, restore: deltaStage((emit) => restoreCalls(renames, emit)) };
}

function toolKey({ name, namespace }: Pick<ToolIdentity, 'name' | 'namespace'>): string {
  return `${namespace ?? ''} ${name}`;
}

function findRenames({ tools }: ChatRequest, rule: NameRule): AllRenames | undefined {
  let found: Map<string, ToolRenames> | undefined;
  for (const tool of tools) {
    if (tool.kind !== 'function' || !isObject(tool.parameters) || !hasUnfit(tool.parameters, rule.pattern, 0)) continue;
    found ??= new Map();
    found.set(toolKey(tool), renamesOf(tool.parameters, rule));
  }
  return found;
}

function renamesOf(schema: JsonObject, rule: NameRule): ToolRenames {
  const names = new Set<string>();
  collectNames(schema, names, 0);
  const toWire = new Map<string, string>();
  const toClient = new Map<string, string>();
  for (const name of names) {
    if (rule.pattern.test(name)) continue;
    const wireName = fittingName(name, rule, (taken) => names.has(taken) || toClient.has(taken));
    toWire.set(name, wireName);
    toClient.set(wireName, name);
  }
  return { toWire, toClient };
}

/** Schemas may be nested as deep as JSON may. */
const deepest = 60;

/** Whether a schema declares a property whose name `pattern` does not match. Allocates nothing. */
function hasUnfit(schema: JsonObject, pattern: RegExp, depth: number): boolean {
  if (depth > deepest) return false;
  for (const key in schema) {
    const value = schema[key];
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      if (!schemaLists.has(key)) continue;
      for (const child of value) if (isObject(child) && hasUnfit(child, pattern, depth + 1)) return true;
    } else if (schemaMaps.has(key)) {
      for (const name in value) {
        if (key === 'properties' && !pattern.test(name)) return true;
        const child = (value as JsonObject)[name];
        if (isObject(child) && hasUnfit(child, pattern, depth + 1)) return true;
      }
    } else if (schemaKeys.has(key) && hasUnfit(value as JsonObject, pattern, depth + 1)) return true;
  }
  return false;
}

const schemaKeys = new Set(['items', 'additionalProperties', 'not', 'contains', 'if', 'then', 'else']);
const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']);

function collectNames(schema: unknown, names: Set<string>, depth: number): void {
  if (!isObject(schema) || depth > deepest) return;
  for (const [key, value] of Object.entries(schema)) {
    if (Array.isArray(value) && schemaLists.has(key)) for (const child of value) collectNames(child, names, depth + 1);
    else if (isObject(value) && schemaMaps.has(key)) {
      if (key === 'properties') for (const name of Object.keys(value)) names.add(name);
      for (const child of Object.values(value)) collectNames(child, names, depth + 1);
    } else if (schemaKeys.has(key)) collectNames(value, names, depth + 1);
  }
}

function renameDeclared(tool: FunctionTool, names: Renames): FunctionTool {
  return { ...tool, parameters: renameSchema(tool.parameters, names, 0) as JsonObject };
}

function renameSchema(schema: unknown, names: Renames, depth: number): unknown {
  if (!isObject(schema) || depth > deepest) return schema;
  const child = (value: unknown): unknown => renameSchema(value, names, depth + 1);
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === '$ref' && typeof value === 'string') return [key, renamePointer(value, names)];
    if (Array.isArray(value)) return [key, renameList(key, value, names, child)];
    if (isObject(value) && schemaMaps.has(key)) return [key, renameMap(key, value, names, child)];
    return [key, schemaKeys.has(key) ? child(value) : value];
  });
  return Object.fromEntries(entries);
}

function renameList(
  key: string,
  list: readonly unknown[],
  names: Renames,
  child: (value: unknown) => unknown,
): readonly unknown[] {
  if (key === 'required') return list.map((name) => (typeof name === 'string' ? (names.get(name) ?? name) : name));
  return schemaLists.has(key) ? list.map(child) : list;
}

function renameMap(key: string, map: JsonObject, names: Renames, child: (value: unknown) => unknown): JsonObject {
  const rename = key === 'properties' || key === 'dependentSchemas';
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [rename ? (names.get(name) ?? name) : name, child(value)]),
  );
}

/** `#/properties/a~1b/items`: the names of properties in it are renamed too. */
function renamePointer(reference: string, names: Renames): string {
  if (!reference.startsWith('#/')) return reference;
  const parts = reference.split('/');
  const renamed = parts.map((part, index) => {
    if (parts[index - 1] !== 'properties') return part;
    return names.get(part.replaceAll('~1', '/').replaceAll('~0', '~')) ?? part;
  });
  return renamed.join('/');
}

function renameHistory(message: Message, renames: AllRenames): Message {
  if (!message.parts.some((part) => part.type === 'tool-call' && renames.has(toolKey(part)))) return message;
  return { ...message, parts: message.parts.map((part) => renameCall(part, renames)) };
}

function renameCall(part: Part, renames: AllRenames): Part {
  const ofTool = part.type === 'tool-call' ? renames.get(toolKey(part)) : undefined;
  if (!ofTool || part.type !== 'tool-call') return part;
  const renamer = createKeyRenamer(ofTool.toWire);
  return { ...part, input: renamer.push(part.input) + renamer.end() };
}

/** The arguments of tools without renamed parameters pass at once. */
function restoreCalls(renames: AllRenames, emit: (delta: Delta) => void): DeltaHandlers {
  const renamers = new Map<string, KeyRenamer>();
  const passing = new Set<string>();
  const nameless = createNamelessCalls(emit);

  function begin(delta: ToolDelta): void {
    const call = nameless.push(delta);
    if (!call) return;
    const { key } = call;
    const ofTool = renames.get(toolKey(call));
    if (!ofTool) {
      passing.add(key);
      return emit(call);
    }
    const renamer = createKeyRenamer(ofTool.toClient);
    renamers.set(key, renamer);
    emit({ ...call, text: renamer.push(call.text) });
  }

  function end(key: string): void {
    const rest = renamers.get(key)?.end() ?? '';
    renamers.delete(key);
    passing.delete(key);
    if (rest !== '') emit({ type: 'tool-delta', key, text: rest });
  }

  return {
    tool(delta) {
      const renamer = renamers.get(delta.key);
      if (renamer) emit({ ...delta, text: renamer.push(delta.text) });
      else if (passing.has(delta.key)) emit(delta);
      else begin(delta);
    },
    blockEnd(delta) {
      end(delta.key);
      emit(delta);
    },
    flush() {
      for (const key of renamers.keys()) end(key);
      nameless.flush();
    },
  };
}
