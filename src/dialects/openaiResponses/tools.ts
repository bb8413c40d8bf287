import type { CustomTool, FunctionTool, HostedTool, JsonObject, Tool, ToolChoice } from '../../canonical/request.ts';
import { readCustomTool, readFunctionTool } from '../openaiTools.ts';
import * as wire from './wire.ts';

/** Reads `tools`, expanding namespaces. Each tool keeps the name of its namespace. */
export function readTools(values: unknown[], path: string): Tool[] {
  return values.flatMap((value, index) => readTool(value, `${path}[${index}]`));
}

function readTool(value: unknown, path: string): Tool[] {
  const json = wire.readWire(wire.typed, value, path);
  if (json.type !== 'namespace') return [readPlainTool(json, path) ?? hostedTool(json)];
  const { name, description, tools } = wire.readWire(wire.namespaceTool, json, path);
  return tools.map((inner, index) => {
    const innerPath = `${path}.tools[${index}]`;
    const innerJson = wire.readWire(wire.typed, inner, innerPath);
    const tool = readPlainTool(innerJson, innerPath);
    // A hosted tool is sent with its namespace around it.
    if (!tool) return { ...hostedTool(innerJson), json: { ...json, tools: [innerJson] } };
    return { ...tool, namespace: name, namespaceDescription: description ?? undefined };
  });
}

function readPlainTool(json: { type: string }, path: string): FunctionTool | CustomTool | undefined {
  if (json.type === 'function') return readFunctionTool(json, path);
  if (json.type === 'custom') return readCustomTool(json, path);
  return undefined;
}

function hostedTool(json: JsonObject & { type: string }): HostedTool {
  return { kind: 'hosted', name: json.type, dialect: 'openai-responses', json };
}

/** Keeps the last declaration of each name: Codex may redeclare a tool in a later `additional_tools` item. */
export function mergeTools(tools: Tool[]): Tool[] {
  const byName = new Map<unknown, Tool>();
  for (const tool of tools) {
    byName.set(tool.kind === 'hosted' ? tool : JSON.stringify([tool.namespace ?? null, tool.name]), tool);
  }
  return [...byName.values()];
}

/** Reads `tool_choice`. `allowed_tools` filters the tool list, which works with every provider. */
export function readToolChoice(
  value: wire.RequestBody['tool_choice'],
  tools: Tool[],
): { toolChoice: ToolChoice; tools: Tool[] } {
  if (value === null || value === undefined) return { toolChoice: { type: 'auto' }, tools };
  if (typeof value === 'string') {
    if (value === 'auto' || value === 'none' || value === 'required') return { toolChoice: { type: value }, tools };
    throw wire.invalid('tool_choice', `expected auto, none, required or an object, received "${value}"`);
  }
  const { type } = wire.readWire(wire.typed, value, 'tool_choice');
  if (type === 'function' || type === 'custom') {
    const { name, namespace } = wire.readWire(wire.namedChoice, value, 'tool_choice');
    return { toolChoice: { type: 'tool', kind: type, name, namespace: namespace ?? undefined }, tools };
  }
  if (type !== 'allowed_tools') return { toolChoice: { type: 'hosted', json: value }, tools };
  const { mode, tools: allowed } = wire.readWire(wire.allowedToolsChoice, value, 'tool_choice');
  return { toolChoice: { type: mode }, tools: tools.filter((tool) => allowed.some((entry) => allows(entry, tool))) };
}

function allows(entry: JsonObject, tool: Tool): boolean {
  if (tool.kind === 'hosted') return entry['type'] === tool.name;
  // An entry may allow a whole namespace.
  if (entry['type'] === 'namespace') return tool.namespace === entry['name'];
  return entry['name'] === tool.name && (entry['namespace'] ?? undefined) === tool.namespace;
}

/** Writes `tools`. Tools that share a namespace are declared in one entry, at the position of the first. */
export function writeTools(tools: Tool[]): JsonObject[] {
  const written: JsonObject[] = [];
  const namespaces = new Map<string, JsonObject[]>();
  for (const tool of tools) {
    if (tool.kind === 'hosted') {
      if (tool.dialect === 'openai-responses') written.push(tool.json);
      continue;
    }
    const json = writeTool(tool);
    if (tool.namespace === undefined) {
      written.push(json);
      continue;
    }
    const siblings = namespaces.get(tool.namespace);
    if (siblings) siblings.push(json);
    else {
      const inner = [json];
      namespaces.set(tool.namespace, inner);
      written.push({
        type: 'namespace',
        name: tool.namespace,
        description: tool.namespaceDescription ?? '',
        tools: inner,
      });
    }
  }
  return written;
}

function writeTool(tool: FunctionTool | CustomTool): JsonObject {
  const head = { name: tool.name, ...(tool.description !== undefined && { description: tool.description }) };
  if (tool.kind === 'custom') return { type: 'custom', ...head, ...(tool.format && { format: tool.format }) };
  // An absent `strict` means "strict if the schema allows" in Responses, but "not strict" in the other dialects.
  return { type: 'function', ...head, parameters: tool.parameters, strict: tool.strict ?? false };
}

/** Undefined if the choice names a hosted tool that is not sent. */
export function writeToolChoice(choice: ToolChoice, tools: Tool[]): string | JsonObject | undefined {
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type;
    case 'tool':
      return {
        type: choice.kind,
        name: choice.name,
        ...(choice.namespace !== undefined && { namespace: choice.namespace }),
      };
    case 'hosted': {
      const own = tools.some(
        (tool) => tool.kind === 'hosted' && tool.dialect === 'openai-responses' && tool.name === choice.json['type'],
      );
      return own ? choice.json : undefined;
    }
    default:
      return choice satisfies never;
  }
}
