import { withoutUndefined } from '../../canonical/json.ts';
import type { ChatRequest, CustomTool, JsonObject, Tool, ToolChoice } from '../../canonical/request.ts';
import { readCustomTool, readFunctionTool } from '../openaiTools.ts';
import * as wire from './wire.ts';

/** Reads `tools` and, from older clients, `functions`. */
export function readTools({ tools, functions }: wire.RequestBody): Tool[] {
  return [
    ...(tools ?? []).map((tool, index) => readTool(tool, `tools[${index}]`)),
    ...(functions ?? []).map((declared, index) => readFunctionTool(declared, `functions[${index}]`)),
  ];
}

function readTool(value: unknown, path: string): Tool {
  const json = wire.readWire(wire.typed, value, path);
  switch (json.type) {
    case 'function':
      // Some clients send the flat form of the Responses API instead.
      return 'function' in json ? readFunctionTool(json['function'], `${path}.function`) : readFunctionTool(json, path);
    case 'custom':
      return 'custom' in json ? readCustom(json['custom'], `${path}.custom`) : readCustom(json, path);
    default:
      return { kind: 'hosted', name: json.type, dialect: 'openai-chat', json };
  }
}

function readCustom(value: unknown, path: string): CustomTool {
  const tool = readCustomTool(value, path);
  return { ...tool, format: tool.format && flattenFormat(tool.format) };
}

/** Chat Completions nests a grammar one level deeper than Responses, whose form is canonical. */
function flattenFormat(format: JsonObject): JsonObject {
  const nested = wire.grammarFormat.safeParse(format).data;
  return nested ? { type: 'grammar', ...nested.grammar } : format;
}

export function nestFormat(format: JsonObject): JsonObject {
  const flat = wire.flatGrammar.safeParse(format).data;
  return flat ? { type: 'grammar', grammar: { syntax: flat.syntax, definition: flat.definition } } : format;
}

type Choice = Pick<ChatRequest, 'tools' | 'toolChoice'>;

/** Reads `tool_choice` or the older `function_call`. `allowed_tools` filters the tool list, which works with every provider. */
export function readToolChoice(body: wire.RequestBody, tools: Tool[]): Choice {
  if (body.tool_choice !== undefined && body.tool_choice !== null) return readChoice(body.tool_choice, tools);
  const { function_call: legacy } = body;
  if (legacy === undefined || legacy === null) return { tools, toolChoice: { type: 'auto' } };
  if (typeof legacy === 'string') return { tools, toolChoice: readMode(legacy, 'function_call') };
  const { name } = wire.readWire(wire.named, legacy, 'function_call');
  return { tools, toolChoice: { type: 'tool', kind: 'function', name } };
}

function readChoice(value: string | JsonObject, tools: Tool[]): Choice {
  if (typeof value === 'string') return { tools, toolChoice: readMode(value, 'tool_choice') };
  const json = wire.readWire(wire.typed, value, 'tool_choice');
  switch (json.type) {
    case 'auto':
    case 'none':
    case 'required':
    case 'any':
      return { tools, toolChoice: readMode(json.type, 'tool_choice.type') };
    case 'function':
    case 'custom': {
      const nested = Object.hasOwn(json, json.type);
      const { name } = wire.readWire(
        wire.named,
        nested ? json[json.type] : json,
        nested ? `tool_choice.${json.type}` : 'tool_choice',
      );
      return { tools, toolChoice: { type: 'tool', kind: json.type, name } };
    }
    case 'allowed_tools':
      return readAllowed(json, tools);
    default:
      return { tools, toolChoice: { type: 'hosted', json } };
  }
}

function readMode(mode: string, path: string): ToolChoice {
  switch (mode) {
    case 'auto':
    case 'none':
    case 'required':
      return { type: mode };
    case 'any':
      // Mistral.
      return { type: 'required' };
    default:
      throw wire.invalid(path, `expected auto, none, required or an object, received "${mode}"`);
  }
}

function readAllowed(json: JsonObject, tools: Tool[]): Choice {
  const nested = 'allowed_tools' in json;
  const path = nested ? 'tool_choice.allowed_tools' : 'tool_choice';
  const { mode, tools: allowed } = wire.readWire(wire.allowedTools, nested ? json['allowed_tools'] : json, path);
  const names = new Set(allowed.map((entry) => entry.function?.name ?? entry.custom?.name ?? entry.name ?? entry.type));
  return { tools: tools.filter((tool) => names.has(tool.name)), toolChoice: { type: mode } };
}

/** Drops hosted tools of other dialects; the gateway has already warned about them. */
export function writeTools(tools: Tool[]): JsonObject[] {
  return tools.flatMap((tool) => {
    switch (tool.kind) {
      case 'function': {
        const { description, parameters, strict } = tool;
        return [
          {
            type: 'function',
            function: withoutUndefined({ name: wireName(tool), description, parameters, strict }),
          },
        ];
      }
      case 'custom': {
        const { description, format } = tool;
        return [
          {
            type: 'custom',
            custom: withoutUndefined({ name: wireName(tool), description, format: format && nestFormat(format) }),
          },
        ];
      }
      case 'hosted':
        return tool.dialect === 'openai-chat' ? [tool.json] : [];
      default:
        return tool satisfies never;
    }
  });
}

/** Undefined for `auto`, which is the default if there are tools. */
export function writeToolChoice({ toolChoice, tools }: ChatRequest): unknown {
  switch (toolChoice.type) {
    case 'auto':
      return undefined;
    case 'none':
    case 'required':
      return toolChoice.type;
    case 'tool':
      return { type: toolChoice.kind, [toolChoice.kind]: { name: wireName(toolChoice) } };
    case 'hosted':
      return tools.some((tool) => tool.kind === 'hosted' && tool.dialect === 'openai-chat')
        ? toolChoice.json
        : undefined;
    default:
      return toolChoice satisfies never;
  }
}

/** Chat Completions has no namespaces. The gateway flattens them; any that remain become a prefix, which keeps names unique. */
export function wireName({ name, namespace }: { name: string; namespace?: string | undefined }): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}
