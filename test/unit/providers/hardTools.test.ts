// Tools that no provider takes as they are declared, with each strict stand-in: it takes the question, the client gets its
// own names back, and the stand-in takes the calls in the history.

import { afterEach, describe, expect, test } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { hardCalls, hardTools, sampleInput } from '../../support/hardTools.ts';
import { loopClients } from '../../support/loopClients.ts';
import { askStandIn } from '../../support/standInAnswer.ts';
import { turn } from '../../upstream/scripts.ts';
import { startStandIn } from '../../upstream/standIn.ts';
import type { ProviderName, StandIn } from '../../upstream/standIn.ts';
import type { Script } from '../../upstream/turn.ts';

const running: StandIn[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((standIn) => standIn.close()));
});

type Case = { standIn: ProviderName; name: string; model: string; protocol?: 'responses' | 'anthropic' };

const cases: Case[] = [
  { standIn: 'openai-chat', name: 'openai', model: 'gpt-4o' },
  { standIn: 'openai-responses', name: 'openai', model: 'gpt-5.6', protocol: 'responses' },
  { standIn: 'anthropic', name: 'anthropic', model: 'claude-opus-4-7', protocol: 'anthropic' },
  { standIn: 'deepseek', name: 'deepseek', model: 'deepseek-flash' },
  { standIn: 'glm', name: 'zai', model: 'glm-5.3' },
  { standIn: 'minimax', name: 'minimax', model: 'MiniMax-M3' },
  { standIn: 'kimi', name: 'kimi', model: 'kimi-k3' },
  { standIn: 'openrouter', name: 'openrouter', model: 'anthropic/claude-sonnet-5' },
  { standIn: 'xai-chat', name: 'xai', model: 'grok-4.6' },
  { standIn: 'xai-responses', name: 'xai', model: 'grok-4.6', protocol: 'responses' },
  { standIn: 'qwen', name: 'qwen', model: 'qwen3.7-max' },
  { standIn: 'groq', name: 'groq', model: 'openai/gpt-oss-120b' },
  { standIn: 'gemini', name: 'gemini', model: 'gemini-3.8-flash' },
  { standIn: 'mistral', name: 'mistral', model: 'mistral-medium-3.5' },
  { standIn: 'ollama', name: 'ollama', model: 'qwen3-coder' },
  { standIn: 'lmstudio', name: 'lmstudio', model: 'qwen3-coder' },
  { standIn: 'vllm', name: 'vllm', model: 'qwen3-coder' },
  { standIn: 'llamacpp', name: 'llamacpp', model: 'qwen3-coder' },
  // Nobody knows what stands behind it.
  { standIn: 'vllm', name: 'mine', model: 'some-model' },
];

/** Calls every tool at once, then is done. */
const callAll: Script = ({ tools, toolResults }) => {
  if (toolResults.length > 0) return turn({ text: 'Done.' });
  return turn({
    calls: tools.map((tool) => ({ tool, input: JSON.stringify(sampleInput(tool.parameters)) })),
  });
};

const dialects: DialectId[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];
const ways = dialects.flatMap((dialect) => [true, false].map((stream) => ({ dialect, stream })));

describe.each(cases)('$standIn as $name,$model', ({ standIn: provider, name, model, protocol = 'openai' }) => {
  test.each(ways)('$dialect, streamed: $stream', async ({ dialect, stream }) => {
    const standIn = await startStandIn({ provider, script: callAll });
    running.push(standIn);
    const known = { name, api_base_url: standIn.url, api_key: 'key', models: [model], protocol };
    const bench = createGatewayBench({ Providers: [known], Router: { default: `${name},${model}` } }, askStandIn);
    const client = loopClients[dialect];
    const conversation = [client.user('Call all.')];
    async function ask() {
      const body = { model, ...client.ask(conversation, stream), tools: hardTools[dialect] };
      const { received, done } = bench.ask({ dialect, body });
      await done;
      expect(received.status, `${received.text.slice(0, 500)} after ${standIn.requests.at(-1)?.refusal}`).toBe(200);
      return client.read(received.text, stream);
    }
    const first = await ask();
    const calls = first.calls.map((call) => ({ name: call.name, input: JSON.parse(call.input) as unknown }));
    expect(calls).toEqual(hardCalls);
    conversation.push(...first.said, ...client.results(first.calls, 'ok'));
    expect((await ask()).text).toBe('Done.');
    expect(standIn.requests.map(({ refusal }) => refusal)).toEqual([undefined, undefined]);
  });
});
