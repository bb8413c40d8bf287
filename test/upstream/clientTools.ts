// Finds and calls the tools that clients declare.
import { isObject, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import type { DeclaredTool, ToolCall } from './turn.ts';

/** exec_command (0.98 and newer), shell_command or shell (older), flattened out of a namespace or not; Claude Code's Bash. */
export function findShellTool(tools: DeclaredTool[]): DeclaredTool | undefined {
  return tools.find(
    (tool) => tool.kind === 'function' && /(^|[^a-z])(exec_command|shell_command|shell|Bash)$/.test(tool.name),
  );
}

/** apply_patch as a custom tool, or as a function whose one property is a string (how it looks when flattened). */
export function findPatchTool(tools: DeclaredTool[]): DeclaredTool | undefined {
  return tools.find(
    (tool) => tool.name.endsWith('apply_patch') && (tool.kind === 'custom' || onlyStringProperty(tool) !== undefined),
  );
}

function onlyStringProperty(tool: DeclaredTool): string | undefined {
  const properties = Object.entries(propertiesOf(tool));
  const [only] = properties;
  return properties.length === 1 && only !== undefined && isObject(only[1]) && only[1]['type'] === 'string'
    ? only[0]
    : undefined;
}

export function callShell(tool: DeclaredTool, command: string): ToolCall {
  const properties = propertiesOf(tool);
  if (isObject(properties['cmd'])) return { tool, input: JSON.stringify({ cmd: command }) };
  const takesList = isObject(properties['command']) && stringOf(properties['command']['type']) === 'array';
  return { tool, input: JSON.stringify({ command: takesList ? ['bash', '-lc', command] : command }) };
}

export function callPatch(tool: DeclaredTool, patch: string): ToolCall {
  const property = onlyStringProperty(tool);
  if (tool.kind === 'custom' || property === undefined) return { tool, input: patch };
  return { tool, input: JSON.stringify({ [property]: patch }) };
}

function propertiesOf(tool: DeclaredTool): JsonObject {
  return isObject(tool.parameters['properties']) ? tool.parameters['properties'] : {};
}
