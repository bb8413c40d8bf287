import { withoutUndefined } from '../../canonical/json.ts';
import type { ChatRequest, FunctionTool, HostedTool, JsonObject, Tool, ToolChoice } from '../../canonical/request.ts';
import type { Reading } from './readBlocks.ts';
import * as wire from './wire.ts';

/** The type of the provider's hosted tool that loads deferred tools. */
const searchTool = /^tool_search_tool/;

/**
 * Reads the tools that the model can see. A tool with `defer_loading` is hidden until a search has loaded it: Claude Code
 * declares a placeholder that must not be called, and later the tools that were found. A relay keeps all of them.
 */
export function readTools(values: unknown[], { loadedTools }: Reading): Tool[] {
  const declared = values.map((value, index) => readTool(value, `tools[${index}]`));
  const searches = declared.some(({ tool }) => tool.kind === 'hosted' && searchTool.test(String(tool.json['type'])));
  return declared
    .filter(({ tool, deferred }) => !deferred || searches || loadedTools.has(tool.name))
    .map(({ tool }) => tool);
}

function readTool(value: unknown, path: string): { tool: Tool; deferred: boolean } {
  const json = wire.readWire(wire.anyTool, value, path);
  if (json.type && json.type !== 'custom') return { tool: hostedTool(json.name || json.type, json), deferred: false };
  const { name, description, input_schema, strict, ...rest } = wire.readWire(wire.clientTool, json, path);
  const tool: FunctionTool = {
    kind: 'function',
    name,
    description: description ?? undefined,
    parameters: input_schema,
    strict: strict ?? undefined,
    ...(rest.cache_control && { cacheControl: rest.cache_control }),
  };
  return { tool, deferred: rest.defer_loading ?? false };
}

function hostedTool(name: string, json: JsonObject): HostedTool {
  return { kind: 'hosted', name, dialect: 'anthropic-messages', json };
}

export function readToolChoice(
  choice: wire.RequestBody['tool_choice'],
  tools: Tool[],
): Pick<ChatRequest, 'toolChoice' | 'parallelToolCalls'> {
  const parallel = choice?.disable_parallel_tool_use ? { parallelToolCalls: false } : {};
  return { toolChoice: choice ? readChoice(choice, tools) : { type: 'auto' }, ...parallel };
}

function readChoice({ type, name }: NonNullable<wire.RequestBody['tool_choice']>, tools: Tool[]): ToolChoice {
  switch (type) {
    case 'auto':
    case 'none':
      return { type };
    case 'any':
      return { type: 'required' };
    case 'tool': {
      if (!name) throw wire.invalid('tool_choice.name', 'expected the name of a tool');
      const hosted = tools.some((tool) => tool.kind === 'hosted' && tool.name === name);
      return hosted ? { type: 'hosted', json: { type, name } } : { type: 'tool', kind: 'function', name };
    }
    default:
      return type satisfies never;
  }
}

/** Leaves out hosted tools of other dialects, about which the gateway warns, and custom tools, which the API does not have. */
export function writeTools(tools: Tool[]): JsonObject[] {
  return tools.flatMap((tool) => {
    switch (tool.kind) {
      case 'function':
        return [writeFunction(tool)];
      case 'custom':
        return [];
      case 'hosted':
        return tool.dialect === 'anthropic-messages' ? [tool.json] : [];
      default:
        return tool satisfies never;
    }
  });
}

/** Leaves out `strict`: strict schemas of other APIs may contain keywords that this one does not support. */
function writeFunction(tool: FunctionTool): JsonObject {
  return withoutUndefined({
    name: wireName(tool),
    description: tool.description,
    input_schema: { type: 'object', ...tool.parameters },
    cache_control: tool.cacheControl,
  });
}

/** The API has no namespaces. The gateway flattens them; a remaining one is prefixed to keep the name unambiguous. */
export function wireName({ name, namespace }: { name: string; namespace?: string | undefined }): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}

/** Undefined if the provider's default applies. */
export function writeToolChoice({ toolChoice, tools, parallelToolCalls }: ChatRequest): JsonObject | undefined {
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  switch (toolChoice.type) {
    case 'auto':
      return parallelToolCalls === false ? { type: 'auto', ...single } : undefined;
    case 'none':
      return { type: 'none' };
    case 'required':
      return { type: 'any', ...single };
    case 'tool':
      return { type: 'tool', name: wireName(toolChoice), ...single };
    case 'hosted': {
      const own = tools.some((tool) => tool.kind === 'hosted' && tool.dialect === 'anthropic-messages');
      return own ? { ...toolChoice.json, ...single } : undefined;
    }
    default:
      return toolChoice satisfies never;
  }
}
