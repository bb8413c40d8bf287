import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

export type ToolAnswer = { content: { type: 'text'; text: string }[]; isError?: true };

type McpToolListing = { name: string; description: string; inputSchema: { type: 'object' }; annotations: object };

export type McpService = {
  version: string;
  instructions: string;
  tools: McpToolListing[];
  /** Never rejects: what went wrong is an answer. */
  call(name: string, input: Record<string, unknown>): Promise<ToolAnswer>;
};

/** Runs an MCP server on stdin and stdout until its client is gone. The SDK is loaded for `ccr mcp` alone, as a bundle of its own. */
export async function serveMcp({ version, instructions, tools, call }: McpService): Promise<void> {
  const server = new Server({ name: 'ccr', version }, { capabilities: { tools: {} }, instructions });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => call(params.name, params.arguments ?? {}));
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.onclose = resolve;
  // The SDK's transport does not notice that its client is gone.
  process.stdin.on('end', () => void server.close());
  await server.connect(new StdioServerTransport());
  await closed;
}
