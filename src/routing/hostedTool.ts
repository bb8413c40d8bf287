import { findNamed } from '../canonical/lists.ts';
import type { ChatRequest, HostedTool, Tool } from '../canonical/request.ts';

/**
 * The hosted tool that a request depends on: it is forced, or it is the only tool of a Messages request, which is how Claude
 * Code's WebSearch asks. Otherwise the model may do without it: Codex declares its search on every turn.
 */
export function requiredHostedTool({ tools, toolChoice }: ChatRequest): HostedTool | undefined {
  const hosted = tools.filter(isHosted);
  const [first] = hosted;
  if (!first) return undefined;
  if (toolChoice.type === 'hosted') {
    return (
      hosted.find(({ json }) => json['type'] === toolChoice.json['type'] || json['name'] === toolChoice.json['name']) ??
      first
    );
  }
  if (toolChoice.type === 'tool') return findNamed(hosted, toolChoice.name);
  const isAlone = hosted.length === tools.length;
  return isAlone && (toolChoice.type === 'required' || isWebSearchRequest(first, toolChoice)) ? first : undefined;
}

function isHosted(tool: Tool): tool is HostedTool {
  return tool.kind === 'hosted';
}

function isWebSearchRequest({ dialect }: HostedTool, { type }: ChatRequest['toolChoice']): boolean {
  return dialect === 'anthropic-messages' && type !== 'none';
}

/** Whether a hosted tool searches the web, and not the client's tools. */
export function isSearchTool({ name, json }: HostedTool): boolean {
  const isSearch = (text: unknown): boolean => typeof text === 'string' && /search/i.test(text) && !/^tool/i.test(text);
  return isSearch(name) || isSearch(json['type']);
}
