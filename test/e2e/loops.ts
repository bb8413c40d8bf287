// Loops of five turns with tools: every provider's stand-in behind one gateway, for each client in turn.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Styles } from '../upstream/profiles.ts';
import { loopFiles, loopReasoning, loopScript } from '../upstream/loopScript.ts';
import { startStandIn, type ProviderName, type RecordedRequest, type StandIn } from '../upstream/standIn.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey, type Gateway } from './gateway.ts';

export type LoopRow = Styles & {
  provider: ProviderName;
  /** The name in the config, which selects the quirks. */
  name: string;
  model: string;
  protocol?: 'responses' | 'anthropic';
  /** Sends no reasoning. */
  hides?: true;
  /** Accepts neither its reasoning nor a proof of it back. */
  forgets?: true;
};

const responses = { protocol: 'responses' } as const;
const messages = { protocol: 'anthropic' } as const;

export const loopRows: LoopRow[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'glm', name: 'zai-native', model: 'glm-5.3', glm: 'native' },
  { provider: 'glm', name: 'glm-stray', model: 'glm-4.7', glm: 'stray' },
  { provider: 'minimax', name: 'minimax', model: 'MiniMax-M2.1' },
  { provider: 'minimax', name: 'minimax-m3', model: 'MiniMax-M3', minimax: { details: 'cumulative', mirrored: true } },
  { provider: 'kimi', name: 'kimi', model: 'kimi-k2' },
  { provider: 'kimi', name: 'moonshot', model: 'kimi-k2.6', kimi: 'native' },
  { provider: 'openai-chat', name: 'openai', model: 'gpt-4o', hides: true, forgets: true },
  { provider: 'openai-responses', name: 'azure', model: 'gpt-5', ...responses },
  { provider: 'anthropic', name: 'anthropic', model: 'claude-sonnet-4-5', ...messages },
  { provider: 'anthropic', name: 'anthropic-adaptive', model: 'claude-opus-4-7', ...messages },
  { provider: 'openrouter', name: 'openrouter', model: 'anthropic/claude-sonnet-4.5' },
  { provider: 'openrouter', name: 'openrouter-gemini', model: 'google/gemini-3-pro', openrouter: 'gemini' },
  { provider: 'openrouter', name: 'openrouter-openai', model: 'openai/gpt-5.6', openrouter: 'openai' },
  { provider: 'xai-chat', name: 'xai', model: 'grok-4.6', forgets: true },
  { provider: 'xai-responses', name: 'xai-responses', model: 'grok-4.6', ...responses },
  { provider: 'qwen', name: 'qwen', model: 'qwen3.7-max' },
  { provider: 'qwen', name: 'dashscope', model: 'glm-5', qwen: 'stray' },
  { provider: 'groq', name: 'groq', model: 'openai/gpt-oss-120b', forgets: true },
  { provider: 'gemini', name: 'gemini', model: 'gemini-3-pro' },
  { provider: 'gemini', name: 'gemini-later', model: 'gemini-3-pro', gemini: { signature: 'later' } },
  { provider: 'gemini', name: 'gemini-message', model: 'gemini-3-pro', gemini: { signature: 'message' } },
  { provider: 'mistral', name: 'mistral', model: 'magistral-medium-latest' },
  { provider: 'ollama', name: 'ollama', model: 'gpt-oss:20b' },
  { provider: 'lmstudio', name: 'lmstudio', model: 'openai/gpt-oss-20b' },
  { provider: 'vllm', name: 'vllm', model: 'openai/gpt-oss-20b' },
  { provider: 'llamacpp', name: 'llamacpp', model: 'gpt-oss-20b' },
];

export type LoopBench = { gateway: Gateway; standIns: Map<LoopRow, StandIn>; stop: () => Promise<void> };

/** One gateway for all rows. Side requests go to the default target, which is the first row. */
export async function startLoops(rows: readonly LoopRow[]): Promise<LoopBench> {
  const standIns = new Map<LoopRow, StandIn>();
  for (const row of rows) standIns.set(row, await startStandIn({ ...row, script: loopScript(), apiKey: upstreamKey }));
  const gateway = await startGateway({
    Providers: [...standIns].map(([{ name, model, protocol }, standIn]) =>
      providerEntry(name, standIn, [model], protocol ? { protocol } : {}),
    ),
    Router: { default: rows[0] && targetOf(rows[0]), tierRetries: quickRetries },
  });
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await Promise.all([...standIns.values()].map((standIn) => standIn.close()));
  };
  return { gateway, standIns, stop };
}

export function targetOf({ name, model }: LoopRow): string {
  return `${name},${model}`;
}

/** The requests of one client's conversation at the provider, identified by the workspace in its task. */
function conversation({ standIns }: LoopBench, row: LoopRow, workspace: string): RecordedRequest[] {
  const requests = standIns.get(row)?.requests ?? [];
  return requests.filter(({ body }) => JSON.stringify(body).includes(`into the folder ${workspace} `));
}

/** Checks that no request was refused, all files exist, and the reasoning of the five turns (or its proof) came back. */
export function expectLoop(bench: LoopBench, row: LoopRow, workspace: string): void {
  const requests = conversation(bench, row, workspace);
  expect(requests.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
  expect(requests.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(filesIn(workspace)).toEqual(loopFiles);
  const replays = requests.at(-1)?.replays ?? [];
  expect(replays.flatMap(({ received }) => received ?? [])).toEqual(row.forgets ? [] : loopReasoning.slice(0, 5));
}

function filesIn(workspace: string): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.keys(loopFiles).map((name) => {
      const file = path.join(workspace, `${name}.txt`);
      return [name, existsSync(file) ? readFileSync(file, 'utf8') : undefined];
    }),
  );
}
