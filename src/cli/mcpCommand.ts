import { findNamed } from '../canonical/lists.ts';
import * as z from 'zod';
import { messageOf } from '../canonical/errors.ts';
import { placeholderKey } from '../config/placeholder.ts';
import { readModelTests } from '../control/modelTests.ts';
import type { CliContext, ExitCode } from './context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';
import type { ToolAnswer } from './mcpServer.ts';
import { mcpTools, type McpSources } from './mcpTools.ts';

/**
 * Runs an MCP server on stdin and stdout, by which agents ask which models there are, what they cost and why a request went where it
 * went. It looks for the gateway at each call, so it may be started before the gateway.
 */
export async function mcpCommand(options: LocateOptions, context: CliContext): Promise<ExitCode> {
  const { serveMcp } = await import('./mcpServer.ts');
  await serveMcp({
    version: context.version,
    instructions: 'CCR is the gateway that this agent may be running through.',
    tools: mcpTools.map(describeTool),
    async call(name, input) {
      try {
        return textAnswer(await answerCall(name, input, options, context));
      } catch (error) {
        return { ...textAnswer(messageOf(error)), isError: true };
      }
    },
  });
  return 0;
}

/** @throws Error for the agent to read */
async function answerCall(
  name: string,
  input: Record<string, unknown>,
  options: LocateOptions,
  context: CliContext,
): Promise<string> {
  const tool = findNamed(mcpTools, name);
  if (!tool) throw new Error(`CCR has no tool "${name.slice(0, 100)}".`);
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return tool.answer(input, await findSources(options, context));
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
