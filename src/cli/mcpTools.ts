import * as z from 'zod';
import type { ControlClient } from '../control/client.ts';
import { spoken } from '../canonical/wording.ts';
import { describeModelTest } from '../control/describeModelTest.ts';
import type { ModelTest } from '../control/modelTests.ts';
import type { ModelView, RequestView } from '../control/protocol.ts';
import { describeRequest } from './describeRequest.ts';

/** What the tools read. */
export type McpSources = {
  client: Pick<ControlClient, 'state' | 'listModels' | 'requests' | 'request'>;
  /** `GET /v1/usage` with this query. */
  usage(query: string): Promise<unknown>;
  /** The latest contract tests of models. */
  tests(): readonly ModelTest[];
};

/** A tool of the MCP server: it reads, and never asks a provider. */
export type McpTool = {
  name: string;
  description: string;
  input: z.ZodType;
  /** The text for the agent. Rejects with a message for it. */
  answer(input: unknown, sources: McpSources): Promise<string>;
};

const listInput = z.strictObject({});
const usageInput = z.strictObject({
  since: z.string().max(40).default('24h').describe('From then on: `30m`, `24h`, `7d` or a date.'),
  by: z.enum(['model', 'tier', 'class', 'client', 'preset', 'conversation']).default('model'),
});
const requestsInput = z.strictObject({
  limit: z.int().min(1).max(100).default(20).describe('The latest requests, at most this many.'),
});
const explainInput = z.strictObject({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .default('last')
    .describe('From `recent_requests`, or `last`.'),
});

export const mcpTools: readonly McpTool[] = [
  {
    name: 'list_models',
    description:
      'Lists the models that the local gateway CCR offers, with context window, prices in USD per million tokens, whether they read images, how they do at the moment, and what they failed in their last test. Also the presets and routes, and what they stand for.',
    input: listInput,
    answer: async (_, sources) => json(await listModels(sources)),
  },
  {
    name: 'usage',
    description: 'Tokens, requests, failures and cost in USD of what went through CCR, in a window of time.',
    input: usageInput,
    async answer(input, { usage }) {
      const { since, by } = usageInput.parse(input);
      return json(await usage(`?since=${encodeURIComponent(since)}&by=${by}`));
    },
  },
  {
    name: 'recent_requests',
    description:
      'The latest requests through CCR: when, which model was asked for, which target answered and by which rule, tokens, cost in USD, and errors. Never what was said in them.',
    input: requestsInput,
    async answer(input, { client }) {
      const { limit } = requestsInput.parse(input);
      return json((await client.requests()).slice(-limit).map(summary));
    },
  },
  {
    name: 'explain_request',
    description:
      'Why a request went where it went: the rule, the targets in their order and what decided it, every attempt and its failure, and the cost.',
    input: explainInput,
    async answer(input, { client }) {
      const { id } = explainInput.parse(input);
      return describeRequest(await client.request(id)).join('\n');
    },
  },
];

async function listModels({ client, tests }: McpSources): Promise<object> {
  const [state, models] = await Promise.all([client.state(), client.listModels()]);
  const tested = tests();
  const stateOf = ({ target }: ModelView): string => {
    const provider = state.providers.find(({ name }) => target.startsWith(`${name},`));
    if (provider?.enabled === false) return provider.needsKey ? 'off: it needs an API key' : 'off';
    return state.targets.find((each) => each.target === target)?.state ?? 'unknown';
  };
  return {
    models: models.map((model) => {
      const test = tested.find(({ target }) => target === model.target);
      const { isMessagesMaker: _, ...facts } = model;
      return { ...facts, state: stateOf(model), ...(test && { test: spoken(describeModelTest(test)) }) };
    }),
    presets: state.presets,
    routes: state.routes,
  };
}

function summary(view: RequestView): object {
  const { id, client, model, target, reason, inputTokens, outputTokens, cacheReadTokens, costUsd, error } = view;
  const startedAt = new Date(view.startedAt).toISOString();
  const detour = view.route?.detour;
  const { durationMs } = view;
  return {
    id,
    startedAt,
    durationMs,
    client,
    model,
    target,
    reason,
    detour,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    costUsd,
    error,
  };
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
