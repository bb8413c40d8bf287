import type { Profile } from './profile.ts';
import { anthropic } from './providers/anthropic.ts';
import { deepseek } from './providers/deepseek.ts';
import { gemini } from './providers/gemini.ts';
import type { GeminiStyle } from './providers/gemini.ts';
import { glm } from './providers/glm.ts';
import type { GlmStyle } from './providers/glm.ts';
import { groq } from './providers/groq.ts';
import { kimi } from './providers/kimi.ts';
import type { KimiStyle } from './providers/kimi.ts';
import { llamacpp } from './providers/llamacpp.ts';
import type { LlamacppStyle } from './providers/llamacpp.ts';
import { lmstudio } from './providers/lmstudio.ts';
import { minimax } from './providers/minimax.ts';
import type { MinimaxStyle } from './providers/minimax.ts';
import { mistral } from './providers/mistral.ts';
import { ollama } from './providers/ollama.ts';
import { openAiChat } from './providers/openaiChat.ts';
import { openAiResponses } from './providers/openaiResponses.ts';
import { openRouter } from './providers/openrouter.ts';
import type { OpenRouterStyle } from './providers/openrouter.ts';
import { qwen } from './providers/qwen.ts';
import type { QwenStyle } from './providers/qwen.ts';
import { vllm } from './providers/vllm.ts';
import type { VllmStyle } from './providers/vllm.ts';
import { xaiChat } from './providers/xaiChat.ts';
import { xaiResponses } from './providers/xaiResponses.ts';

/** Variants of providers that behave in more than one way. */
export type Styles = {
  glm?: GlmStyle;
  kimi?: KimiStyle;
  minimax?: MinimaxStyle;
  openrouter?: OpenRouterStyle;
  qwen?: QwenStyle;
  gemini?: GeminiStyle;
  vllm?: VllmStyle;
  llamacpp?: LlamacppStyle;
};

const profiles = {
  deepseek: () => deepseek,
  glm: (styles) => glm(styles.glm),
  minimax: (styles) => minimax(styles.minimax),
  kimi: (styles) => kimi(styles.kimi),
  'openai-chat': () => openAiChat,
  'openai-responses': () => openAiResponses,
  anthropic: () => anthropic,
  openrouter: (styles) => openRouter(styles.openrouter),
  'xai-chat': () => xaiChat,
  'xai-responses': () => xaiResponses,
  qwen: (styles) => qwen(styles.qwen),
  groq: () => groq,
  gemini: (styles) => gemini(styles.gemini),
  mistral: () => mistral,
  ollama: () => ollama,
  lmstudio: () => lmstudio,
  vllm: (styles) => vllm(styles.vllm),
  llamacpp: (styles) => llamacpp(styles.llamacpp),
} satisfies Record<string, (styles: Styles) => Profile>;

export type ProviderName = keyof typeof profiles;

export const providerNames = Object.keys(profiles) as ProviderName[];

export function profileOf(provider: ProviderName, styles: Styles): Profile {
  return profiles[provider](styles);
}
