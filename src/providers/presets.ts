import type { ProviderIdentity } from './findProvider.ts';
import { vscodeModelsUrl } from './vscodeModels.ts';

/** A provider that a user can add to a config with only a key. */
export type ProviderPreset = {
  /** The unique name used in routes. */
  name: string;
  /** The display name. */
  label: string;
  baseUrl: string;
  protocol: ProviderIdentity['protocol'];
  /** The environment variable that holds its key. Absent if no key is needed. */
  keyVariable?: string;
  /** Suggested models, the default one first. Empty if they depend on the user's own server. */
  models: readonly string[];
  /** Where to create a key, or where to get the program. */
  page: string;
};

/** Base URLs, protocols and models: docs/reference/providers.md. */
export const providerPresets: readonly ProviderPreset[] = [
  {
    name: 'deepseek',
    label: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com',
    protocol: 'openai',
    keyVariable: 'DEEPSEEK_API_KEY',
    models: ['deepseek-flash', 'deepseek-v4-pro'],
    page: 'https://platform.deepseek.com/api_keys',
  },
  {
    name: 'zai',
    label: 'Z.AI GLM',
    baseUrl: 'https://api.z.ai/api/paas/v4',
    protocol: 'openai',
    keyVariable: 'ZAI_API_KEY',
    models: ['glm-5.3', 'glm-4.7'],
    page: 'https://z.ai/manage-apikey/apikey-list',
  },
  {
    name: 'zai-coding-plan',
    label: 'Z.AI GLM Coding Plan',
    baseUrl: 'https://api.z.ai/api/coding/paas/v4',
    protocol: 'openai',
    keyVariable: 'ZAI_API_KEY',
    models: ['glm-5.3', 'glm-4.7'],
    page: 'https://z.ai/manage-apikey/apikey-list',
  },
  {
    name: 'minimax',
    label: 'MiniMax',
    baseUrl: 'https://api.minimax.io/v1',
    protocol: 'openai',
    keyVariable: 'MINIMAX_API_KEY',
    models: ['MiniMax-M3', 'MiniMax-M3.1-Flash'],
    page: 'https://platform.minimax.io/user-center/basic-information/interface-key',
  },
  {
    name: 'kimi',
    label: 'Moonshot Kimi',
    baseUrl: 'https://api.moonshot.ai/v1',
    protocol: 'openai',
    keyVariable: 'MOONSHOT_API_KEY',
    models: ['kimi-k3', 'kimi-k3.1-pro'],
    page: 'https://platform.moonshot.ai/console/api-keys',
  },
  {
    name: 'openrouter',
    label: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    protocol: 'openai',
    keyVariable: 'OPENROUTER_API_KEY',
    models: ['openrouter/auto'],
    page: 'https://openrouter.ai/settings/keys',
  },
  {
    name: 'openai',
    label: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    // Chat Completions refuses tools together with reasoning there.
    protocol: 'responses',
    keyVariable: 'OPENAI_API_KEY',
    models: ['gpt-6-sol', 'gpt-6-luna'],
    page: 'https://platform.openai.com/api-keys',
  },
  {
    name: 'xai',
    label: 'xAI Grok',
    baseUrl: 'https://api.x.ai/v1',
    // Chat Completions is deprecated there, and can't carry reasoning from turn to turn.
    protocol: 'responses',
    keyVariable: 'XAI_API_KEY',
    models: ['grok-4.7'],
    page: 'https://console.x.ai',
  },
  {
    name: 'qwen',
    label: 'Alibaba Qwen',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    protocol: 'openai',
    keyVariable: 'DASHSCOPE_API_KEY',
    models: ['qwen3.8-max', 'qwen3.7-plus'],
    page: 'https://modelstudio.console.alibabacloud.com',
  },
  {
    name: 'gemini',
    label: 'Google Gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    protocol: 'openai',
    keyVariable: 'GEMINI_API_KEY',
    models: ['gemini-3.8-flash', 'gemini-3.1-pro-preview'],
    page: 'https://aistudio.google.com/apikey',
  },
  {
    name: 'mistral',
    label: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    protocol: 'openai',
    keyVariable: 'MISTRAL_API_KEY',
    models: ['mistral-medium-3.5'],
    page: 'https://console.mistral.ai/api-keys',
  },
  {
    name: 'groq',
    label: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    protocol: 'openai',
    keyVariable: 'GROQ_API_KEY',
    models: ['openai/gpt-oss-120b'],
    page: 'https://console.groq.com/keys',
  },
  {
    name: 'anthropic',
    label: 'Anthropic Claude',
    baseUrl: 'https://api.anthropic.com',
    protocol: 'anthropic',
    keyVariable: 'ANTHROPIC_API_KEY',
    models: ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-4-5'],
    page: 'https://platform.claude.com/settings/keys',
  },
  {
    name: 'vscode-lm',
    label: "VS Code's own models, such as GitHub Copilot's",
    baseUrl: vscodeModelsUrl,
    protocol: 'openai',
    models: [],
    page: 'https://code.visualstudio.com/docs/agent-customization/language-models',
  },
  {
    name: 'ollama',
    label: 'Ollama, on this machine',
    baseUrl: 'http://127.0.0.1:11434/v1',
    protocol: 'openai',
    models: [],
    page: 'https://ollama.com/download',
  },
  {
    name: 'lmstudio',
    label: 'LM Studio, on this machine',
    baseUrl: 'http://127.0.0.1:1234/v1',
    protocol: 'openai',
    models: [],
    page: 'https://lmstudio.ai/download',
  },
  {
    name: 'vllm',
    label: 'vLLM, on this machine',
    baseUrl: 'http://127.0.0.1:8000/v1',
    protocol: 'openai',
    models: [],
    page: 'https://docs.vllm.ai',
  },
  {
    name: 'llamacpp',
    label: 'llama.cpp, on this machine',
    baseUrl: 'http://127.0.0.1:8080/v1',
    protocol: 'openai',
    models: [],
    page: 'https://github.com/ggml-org/llama.cpp',
  },
];
