import type { UpstreamCall, UpstreamReply } from '../../../src/gateway/upstream.ts';
import { isObject, objectsOf, parseObject } from '../../upstream/json.ts';
import type { JsonObject } from '../../upstream/json.ts';
import { pieces } from '../../upstream/pieces.ts';
import { dataFrame, type Frame, type Profile, type Replay, type Reply, type SentTurn } from '../../upstream/profile.ts';
import { chunk, doneFrame, finishReasonOf, toolDeltas } from '../../upstream/chatWrite.ts';
import { anthropic } from '../../upstream/providers/anthropic.ts';
import { deepseek } from '../../upstream/providers/deepseek.ts';
import { gemini } from '../../upstream/providers/gemini.ts';
import { glm } from '../../upstream/providers/glm.ts';
import { groq } from '../../upstream/providers/groq.ts';
import { kimi } from '../../upstream/providers/kimi.ts';
import { llamacpp } from '../../upstream/providers/llamacpp.ts';
import { lmstudio } from '../../upstream/providers/lmstudio.ts';
import { minimax } from '../../upstream/providers/minimax.ts';
import { mistral } from '../../upstream/providers/mistral.ts';
import { ollama } from '../../upstream/providers/ollama.ts';
import { openAiChat } from '../../upstream/providers/openaiChat.ts';
import { openAiResponses } from '../../upstream/providers/openaiResponses.ts';
import { openRouter } from '../../upstream/providers/openrouter.ts';
import { qwen } from '../../upstream/providers/qwen.ts';
import { vllm } from '../../upstream/providers/vllm.ts';
import { xaiChat } from '../../upstream/providers/xaiChat.ts';
import { xaiResponses } from '../../upstream/providers/xaiResponses.ts';
import type { DeclaredTool } from '../../upstream/turn.ts';
import { script, type ScriptedTurn } from './script.ts';

export type LoopProvider = {
  name: string;
  config: { name: string; api_base_url: string; protocol: 'openai' | 'responses' | 'anthropic'; model: string };
  profile: Profile;
  /** Whether `check` is of this very provider, and so must be content. */
  strict: boolean;
  /** Whether every turn's reasoning, or its proof, must come back verbatim. */
  wantsReasoning: boolean;
};

function provider(
  name: string,
  config: [name: string, url: string, model: string, protocol?: 'responses' | 'anthropic'],
  profile: Profile,
  strict = true,
  wantsReasoning = strict,
): LoopProvider {
  const [configName, url, model, protocol = 'openai'] = config;
  return { name, config: { name: configName, api_base_url: url, model, protocol }, profile, strict, wantsReasoning };
}

const geminiUrl = 'https://generativelanguage.googleapis.com/v1beta/openai';

/** Every provider with quirks, and an unknown one, at its own or a made-up host. */
export const providers: LoopProvider[] = [
  provider('DeepSeek', ['deepseek', 'https://api.deepseek.com', 'deepseek-reasoner'], deepseek),
  provider('GLM', ['zai', 'https://api.z.ai/api/paas/v4', 'glm-5'], glm('native')),
  provider('GLM with tags', ['zai', 'https://api.z.ai/api/paas/v4', 'glm-5'], glm('tags')),
  provider('MiniMax', ['minimax', 'https://api.minimax.io/v1', 'MiniMax-M2.1'], minimax()),
  provider('Kimi', ['kimi', 'https://api.moonshot.ai/v1', 'kimi-k2.6'], kimi('native')),
  provider('OpenAI chat', ['openai', 'https://api.openai.com/v1', 'gpt-4.1'], openAiChat, true, false),
  // Its replays are told apart by their texts, and two turns say the same.
  provider('OpenAI', ['openai', 'https://api.openai.com/v1', 'gpt-5.6', 'responses'], openAiResponses, true, false),
  provider(
    'Claude with adaptive thinking',
    ['anthropic', 'https://api.anthropic.com', 'claude-sonnet-4-7', 'anthropic'],
    anthropic,
  ),
  provider(
    'Claude with a budget',
    ['anthropic', 'https://api.anthropic.com', 'claude-sonnet-4-5', 'anthropic'],
    anthropic,
  ),
  provider('Gemini', ['gemini', geminiUrl, 'gemini-3-pro'], gemini()),
  provider('Gemini, signing later', ['gemini', geminiUrl, 'gemini-3.5-flash'], gemini({ signature: 'later' })),
  provider('Gemini, signing messages', ['gemini', geminiUrl, 'gemini-2.5-flash'], gemini({ signature: 'message' })),
  provider('Mistral', ['mistral', 'https://api.mistral.ai/v1', 'mistral-medium-3.5'], mistral),
  provider(
    'Mistral that does not think',
    ['mistral', 'https://api.mistral.ai/v1', 'mistral-large-latest'],
    mistral,
    true,
    false,
  ),
  provider('Ollama', ['local', 'http://127.0.0.1:11434/v1', 'gpt-oss:20b'], ollama),
  provider('Ollama that can not think', ['local', 'http://127.0.0.1:11434/v1', 'llama3.1'], ollama, true, false),
  provider('LM Studio', ['local', 'http://127.0.0.1:1234/v1', 'qwen3.5'], lmstudio),
  provider('vLLM', ['vllm', 'http://127.0.0.1:8000/v1', 'qwen3'], vllm()),
  provider('llama.cpp', ['llama.cpp', 'http://127.0.0.1:8080/v1', 'qwen3'], llamacpp()),
  provider('Qwen', ['qwen', 'https://dashscope.aliyuncs.com/compatible-mode/v1', 'qwen3.7-max'], qwen()),
  provider('GLM at DashScope', ['qwen', 'https://dashscope.aliyuncs.com/compatible-mode/v1', 'glm-5.2'], qwen('stray')),
  provider('Groq', ['groq', 'https://api.groq.com/openai/v1', 'openai/gpt-oss-120b'], groq, true, false),
  provider('xAI chat', ['xai', 'https://api.x.ai/v1', 'grok-4.6'], xaiChat, true, false),
  // Told apart as OpenAI's are.
  provider('xAI', ['xai', 'https://api.x.ai/v1', 'grok-4.6', 'responses'], xaiResponses, true, false),
  provider('OpenRouter', ['openrouter', 'https://openrouter.ai/api/v1', 'some/model'], withDetails(), false),
  provider('Claude at OpenRouter', ['openrouter', 'https://openrouter.ai/api/v1', 'anthropic/claude'], openRouter()),
  provider(
    'Gemini at OpenRouter',
    ['openrouter', 'https://openrouter.ai/api/v1', 'google/gemini-3'],
    openRouter('gemini'),
  ),
  provider('MiniMax with tags', ['some', 'http://provider.test/v1', 'MiniMax-M2.1'], minimax(), false),
  provider('an unknown chat provider', ['some', 'http://provider.test/v1', 'some-model'], deepseek, false),
  provider(
    'an unknown Responses provider',
    ['some', 'http://provider.test/v1', 'some-model', 'responses'],
    openAiResponses,
    false,
  ),
  provider(
    'an unknown Messages provider',
    ['some', 'http://provider.test/v1', 'some-model', 'anthropic'],
    anthropic,
    false,
  ),
  provider(
    'DeepSeek at Messages',
    ['deepseek', 'https://api.deepseek.com/anthropic', 'deepseek-chat', 'anthropic'],
    anthropic,
    false,
  ),
];

/** `reasoning_details` with the signature in a fragment of its own (test/fixtures/providers/openrouter-reasoning-details.sse). */
function withDetails(): Profile {
  return {
    ...deepseek,
    frames(reply): Frame[] {
      const { reasoning, text } = reply.turn;
      const detail = (fields: JsonObject): Frame =>
        dataFrame(
          chunk(reply, {
            reasoning_details: [{ type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0, ...fields }],
          }),
        );
      return [
        dataFrame(chunk(reply, { role: 'assistant', content: '' })),
        ...reply.pieces(reasoning).map((piece) => detail({ text: piece })),
        ...(reasoning ? [detail({ signature: 'SIG' })] : []),
        ...reply.pieces(text).map((piece) => dataFrame(chunk(reply, { content: piece }))),
        ...toolDeltas(reply).map((call) => dataFrame(chunk(reply, { tool_calls: [call] }))),
        dataFrame(chunk(reply, {}, finishReasonOf(reply))),
        doneFrame,
      ];
    },
  };
}

/** Plays the script, answer by answer. */
export function playLoop({ profile, strict }: LoopProvider) {
  const bodies: JsonObject[] = [];
  const sent: SentTurn[] = [];
  /** How the reasoning of the turns before came back, one list for each request. */
  const replays: Replay[][] = [];
  let serial = 0;

  function answer({ body: text }: UpstreamCall): Promise<UpstreamReply> {
    const body = parseObject(text) ?? {};
    if (strict) profile.check(body, sent);
    const scripted = script[bodies.length];
    if (!scripted) throw new Error('The script is over');
    bodies.push(body);
    replays.push(profile.replays(body, sent));
    // Blank text comes from no Messages provider: it would refuse it on its way back.
    const said = profile.path === '/messages' && scripted.text.trim() === '' ? '' : scripted.text;
    const turn = {
      ...scripted,
      text: said,
      calls: scripted.calls.map((call) => callOf(call, profile.read(body).tools)),
    };
    const callIds = turn.calls.map((call, index) =>
      profile.callId({ name: call.tool.name, index, serial: ++serial, body }),
    );
    const id = `reply-${bodies.length}`;
    const model = String(body['model']);
    const proof = profile.proof(turn, { id, model });
    sent.push({ turn, callIds, proof });
    const reply: Reply = {
      turn,
      callIds,
      id,
      model,
      proof,
      usage: { prompt: 100, cached: 50, reasoning: 5, completion: 10 },
      body,
      pieces: (whole) => pieces(whole, [5, 3]),
    };
    return Promise.resolve(streamOf(profile.frames(reply)));
  }

  return { answer, bodies, replays };
}

function callOf(
  { tool: name, input }: ScriptedTurn['calls'][number],
  tools: DeclaredTool[],
): Reply['turn']['calls'][number] {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw new Error(`${name} was not declared`);
  const flattened = name === 'apply_patch' && tool.kind === 'function';
  return { tool, input: flattened ? JSON.stringify({ input }) : input };
}

function streamOf(frames: Frame[]): UpstreamReply {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(frames.map(({ text }) => text).join(''));
  }
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: body() };
}

/** What a provider's cache goes by: the conversation, and what stands before it. */
export function promptOf(body: JsonObject): { rest: JsonObject; head: string; items: string[] } {
  const { messages, input, tools, system, instructions } = body;
  const items = objectsOf(messages ?? input);
  const { messages: _m, input: _i, tools: _t, system: _s, instructions: _n, ...rest } = withoutClearing(body);
  return {
    rest,
    head: JSON.stringify(withoutMarks({ tools, system, instructions })),
    items: items.map((item) => JSON.stringify(withoutMarks(item))),
  };
}

/** GLM's `clear_thinking` is of no effect as long as there is nothing to clear, and only then it is missing. */
function withoutClearing(body: JsonObject): JsonObject {
  const { thinking } = body;
  if (!isObject(thinking)) return body;
  const { clear_thinking: _, ...rest } = thinking;
  return { ...body, thinking: rest };
}

/** Where a client puts its cache marks is its own matter; a text and a list of one text are the same to the Messages API. */
function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'cache_control')
      .map(([key, each]) => [
        key,
        key === 'content' && typeof each === 'string' ? [{ type: 'text', text: each }] : withoutMarks(each),
      ]),
  );
}
