// What no client's question may do: make a strict stand-in refuse it.

import { afterEach, describe, expect, test } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { questions } from '../../support/questions.ts';
import { askStandIn } from '../../support/standInAnswer.ts';
import { chatScript } from '../../upstream/scripts.ts';
import { startStandIn } from '../../upstream/standIn.ts';
import type { ProviderName, StandIn } from '../../upstream/standIn.ts';
import { everyNth, waysFor } from '../matrix/sampling.ts';

const running: StandIn[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((standIn) => standIn.close()));
});

type Asked = { standIn: ProviderName; name: string; models: string[]; protocol?: 'responses' | 'anthropic' };

const providers: Asked[] = [
  { standIn: 'openrouter', name: 'openrouter', models: ['anthropic/claude-sonnet-5'] },
  { standIn: 'xai-chat', name: 'xai', models: ['grok-4.6', 'grok-code-fast-1', 'grok-3-mini'] },
  { standIn: 'xai-responses', name: 'xai', models: ['grok-4.6', 'grok-4.20-multi-agent'], protocol: 'responses' },
  { standIn: 'qwen', name: 'qwen', models: ['qwen3.7-max', 'qwen3.8-max', 'qwen3-32b', 'qwen3-coder-plus', 'glm-5.2'] },
  { standIn: 'groq', name: 'groq', models: ['openai/gpt-oss-120b', 'qwen/qwen3.6-27b', 'llama-3.3-70b-versatile'] },
  {
    standIn: 'openai-chat',
    name: 'openai',
    models: ['gpt-4o', 'o3', 'gpt-5', 'gpt-5.1', 'gpt-5.4', 'gpt-5.6', 'gpt-5-chat-latest'],
  },
  {
    standIn: 'openai-responses',
    name: 'openai',
    models: ['gpt-4o', 'o3', 'gpt-5', 'gpt-5.1', 'gpt-5.6'],
    protocol: 'responses',
  },
  { standIn: 'deepseek', name: 'deepseek', models: ['deepseek-flash', 'deepseek-v4-pro'] },
  { standIn: 'glm', name: 'zai', models: ['glm-5.3', 'glm-4.7'] },
  { standIn: 'minimax', name: 'minimax', models: ['MiniMax-M3', 'MiniMax-M2.7'] },
  { standIn: 'kimi', name: 'kimi', models: ['kimi-k3', 'kimi-k2.6'] },
  {
    standIn: 'anthropic',
    name: 'anthropic',
    models: ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-opus-4-7', 'claude-haiku-4-5'],
    protocol: 'anthropic',
  },
  { standIn: 'gemini', name: 'gemini', models: ['gemini-3.8-flash', 'gemini-3.1-pro-preview', 'gemini-2.5-flash'] },
  { standIn: 'mistral', name: 'mistral', models: ['mistral-medium-3.5', 'mistral-large-2512'] },
  { standIn: 'ollama', name: 'ollama', models: ['qwen3-coder', 'gpt-oss:20b'] },
  { standIn: 'lmstudio', name: 'lmstudio', models: ['qwen3-coder'] },
  { standIn: 'vllm', name: 'vllm', models: ['qwen3-coder'] },
  { standIn: 'llamacpp', name: 'llamacpp', models: ['qwen3-coder'] },
];

const cases = providers
  .flatMap(({ models, ...rest }) => models.map((model) => ({ ...rest, model })))
  .map((asked, row) => ({ ...asked, row }));
const dialects = Object.keys(questions) as DialectId[];

describe.each(cases)(
  '$standIn as $name,$model takes',
  ({ standIn: provider, name, model, protocol = 'openai', row }) => {
    test.each(dialects)('every question in %s', async (dialect) => {
      const standIn = await startStandIn({ provider, script: chatScript({ reasoning: 'Hm.', text: 'Yes.' }) });
      running.push(standIn);
      const known = { name, api_base_url: standIn.url, api_key: 'key', models: [model], protocol };
      const bench = createGatewayBench({ Providers: [known], Router: { default: `${name},${model}` } }, askStandIn);
      const refused: string[] = [];
      // A third of the questions for each model by default: another one for the next model, and in another dialect.
      const numbered = Object.entries(questions[dialect]).map((each, column) => [column, each] as const);
      for (const [column, [question, body]] of everyNth(numbered, 3, row + dialects.indexOf(dialect))) {
        for (const stream of waysFor([true, false], Math.floor(row / 3), column)) {
          const { received, done } = bench.ask({ dialect, body: { model, ...body, stream } });
          await done;
          const isStream = /^(event|data|:)/.test(received.text);
          if (received.status !== 200 || isStream !== stream || !/Yes\.|A short text|\{/.test(received.text))
            refused.push(`${question}, streamed ${stream}: ${received.status} ${received.text.slice(0, 400)}`);
        }
      }
      expect(refused).toEqual([]);
      expect(standIn.requests.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
    });
  },
);
