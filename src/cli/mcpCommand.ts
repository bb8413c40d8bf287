import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { messageOf } from '../canonical/errors.ts';
import { placeholderKey } from '../config/placeholder.ts';
import { readModelTests } from '../control/modelTests.ts';
import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';
import { mcpTools, type McpSources } from './mcpTools.ts';

type ToolAnswer = { content: { type: 'text'; text: string }[]; isError?: true };

/**
 * Runs an MCP server on stdin and stdout, by which agents ask which models there are, what they cost and why a request went where it
 * went. It looks for the gateway at each call, so it may be started before the gateway.
 */
export async function mcpCommand(options: LocateOptions, context: CliContext): Promise<ExitCode> {
  const server = new Server(
    { name: 'ccr', version: context.version },
    { capabilities: { tools: {} }, instructions: 'CCR is the gateway that this agent may be running through.' },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: mcpTools.map(describeTool) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }): Promise<ToolAnswer> => {
    try {
      const tool = mcpTools.find(({ name }) => name === params.name);
      if (!tool) throw new Error(`CCR has no tool "${params.name.slice(0, 100)}".`);
      const input = params.arguments ?? {};
      const parsed = tool.input.safeParse(input);
      if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
      return textAnswer(await tool.answer(input, await findSources(options, context)));
    } catch (error) {
      return { ...textAnswer(messageOf(error)), isError: true };
    }
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.onclose = resolve;
  // The SDK's transport does not notice that its client is gone.
  process.stdin.on('end', () => void server.close());
  await server.connect(new StdioServerTransport());
  await closed;
  return 0;
}

function describeTool({ name, description, input }: (typeof mcpTools)[number]) {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input' });
  return {
    name,
    description,
    inputSchema: { ...schema, type: 'object' as const },
    annotations: { readOnlyHint: true, openWorldHint: false },
  };
}

function textAnswer(text: string): ToolAnswer {
  return { content: [{ type: 'text', text }] };
}

/** @throws Error that says that no gateway runs. */
async function findSources(options: LocateOptions, context: CliContext): Promise<McpSources> {
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr') throw new Error(describeAbsence(located));
  const { client } = located;
  return {
    client,
    async usage(query) {
      const token = (await client.clientToken()) ?? placeholderKey;
      const reply = await fetch(`${client.url}/v1/usage${query}`, { headers: { authorization: `Bearer ${token}` } });
      const body = await reply.text();
      if (!reply.ok) throw new Error(`CCR refused it: ${body}`);
      return JSON.parse(body) as unknown;
    },
    tests: () => readModelTests(context.homeDirectory),
  };
}
