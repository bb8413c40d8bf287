// Real providers as a config has them, for tests that a fault is handled whoever sends it.
import type { DialectId } from '../../src/canonical/request.ts';
import { findProvider } from '../../src/providers/findProvider.ts';
import { providerPresets } from '../../src/providers/presets.ts';
import { dialectIds } from './callWires.ts';

export type ProviderProfile = {
  /** The name in a config. */
  name: string;
  wire: DialectId;
  baseUrl: string;
  model: string;
};

/** As in config.json. */
export const protocolNames = {
  'openai-chat': 'openai',
  'openai-responses': 'responses',
  'anthropic-messages': 'anthropic',
} as const satisfies Record<DialectId, string>;

const wireOf = (protocol: string): DialectId =>
  dialectIds.find((id) => protocolNames[id] === protocol) ?? 'openai-chat';

/** The models of VS Code's windows are not behind a URL. */
const windowModels = 'vscode-lm';

/** Models of programs whose models are the user's own. */
const localModels: Record<string, string> = {
  ollama: 'qwen3.5',
  lmstudio: 'openai/gpt-oss-20b',
  vllm: 'zai-org/GLM-4.7',
  llamacpp: 'gemma-4',
};

const presets: ProviderProfile[] = providerPresets
  .filter(({ name }) => name !== windowModels)
  .map(({ name, protocol, baseUrl, models }) => ({
    name,
    wire: wireOf(protocol),
    baseUrl,
    model: models[0] ?? localModels[name] ?? 'm',
  }));

/** What the presets leave out: other surfaces of the same makers, and a host that CCR has no rules for. */
const otherSurfaces: [wire: DialectId, name: string, baseUrl: string, model: string][] = [
  ['openai-chat', 'openai', 'https://api.openai.com/v1', 'gpt-4.1'],
  ['openai-chat', 'xai', 'https://api.x.ai/v1', 'grok-4.7'],
  ['openai-chat', 'anthropic', 'https://api.anthropic.com/v1', 'claude-sonnet-5-5'],
  ['openai-chat', 'together', 'https://api.together.xyz/v1', 'Qwen/Qwen3-Coder-480B'],
  ['anthropic-messages', 'deepseek', 'https://api.deepseek.com/anthropic', 'deepseek-v4-pro'],
  ['anthropic-messages', 'zai', 'https://api.z.ai/api/anthropic', 'glm-5.3'],
  ['anthropic-messages', 'kimi', 'https://api.moonshot.ai/anthropic', 'kimi-k3'],
  ['anthropic-messages', 'minimax', 'https://api.minimax.io/anthropic', 'MiniMax-M3'],
  ['anthropic-messages', 'openrouter', 'https://openrouter.ai/api/v1', 'anthropic/claude-sonnet-5-5'],
  ['anthropic-messages', 'qwen', 'https://dashscope-intl.aliyuncs.com/apps/anthropic/v1', 'qwen3.8-max'],
  ['anthropic-messages', 'ollama', 'http://127.0.0.1:11434/v1', 'qwen3.5'],
  ['anthropic-messages', 'lmstudio', 'http://127.0.0.1:1234/v1', 'openai/gpt-oss-20b'],
  ['openai-responses', 'deepseek', 'https://api.deepseek.com', 'deepseek-v4-pro'],
  ['openai-responses', 'minimax', 'https://api.minimax.io/v1', 'MiniMax-M3'],
  ['openai-responses', 'kimi', 'https://api.moonshot.ai/v1', 'kimi-k3'],
  ['openai-responses', 'zai', 'https://api.z.ai/api/v1', 'glm-5.3'],
  ['openai-responses', 'openrouter', 'https://openrouter.ai/api/v1', 'z-ai/glm-5.3'],
  ['openai-responses', 'groq', 'https://api.groq.com/openai/v1', 'openai/gpt-oss-120b'],
  ['openai-responses', 'ollama', 'http://127.0.0.1:11434/v1', 'qwen3.5'],
  ['openai-responses', 'lmstudio', 'http://127.0.0.1:1234/v1', 'openai/gpt-oss-20b'],
  ['openai-responses', 'vllm', 'http://127.0.0.1:8000/v1', 'zai-org/GLM-4.7'],
];

export const providerProfiles: readonly ProviderProfile[] = [
  ...presets,
  ...otherSurfaces.map(([wire, name, baseUrl, model]) => ({ wire, name, baseUrl, model })),
];

/** Whether a client of the same wire gets the stream as the provider wrote it: the maker of the protocol. */
export function relaysFrames({ name, wire, baseUrl, model }: ProviderProfile): boolean {
  const identity = { name, baseUrl, protocol: protocolNames[wire], model, tools: true };
  return findProvider(identity).quirks.relays === 'frames';
}
