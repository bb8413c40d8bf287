// The guide's configs, with the URLs of stand-ins.
import type { JsonObject } from '../upstream/json.ts';
import { chatScript } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { StandIn } from '../upstream/standIn.ts';

/** Values of the guide's variables; each stand-in accepts only its own key. */
export const keys = {
  ZAI_API_KEY: 'key-of-zai',
  DEEPSEEK_API_KEY: 'key-of-deepseek',
  MINIMAX_API_KEY: 'key-of-minimax',
  OPENROUTER_API_KEY: 'key-of-openrouter',
  OPENAI_PROVIDER_API_KEY: 'key-of-openai',
};

export type Upstream = { zai: StandIn; deepseek: StandIn; minimax: StandIn; openrouter: StandIn; openai: StandIn };

export async function startUpstream(): Promise<Upstream> {
  const script = chatScript();
  const [zai, deepseek, minimax, openrouter, openai] = await Promise.all([
    startStandIn({ provider: 'glm', script, apiKey: keys.ZAI_API_KEY }),
    startStandIn({ provider: 'deepseek', script, apiKey: keys.DEEPSEEK_API_KEY }),
    startStandIn({ provider: 'minimax', script, apiKey: keys.MINIMAX_API_KEY }),
    startStandIn({ provider: 'openai-chat', script, apiKey: keys.OPENROUTER_API_KEY }),
    startStandIn({ provider: 'openai-chat', script, apiKey: keys.OPENAI_PROVIDER_API_KEY }),
  ]);
  return { zai, deepseek, minimax, openrouter, openai };
}

/** Section 2.1, with 7.3's mapping. */
export function guideConfig({ zai, deepseek, minimax, openrouter }: Upstream): JsonObject {
  const retries = { max_retries: 5, base_backoff_ms: 50, backoff_multiplier: 1.5, max_backoff_ms: 2000 };
  return {
    Providers: [
      provider('zai', zai, 'ZAI_API_KEY', ['glm-5']),
      provider('deepseek', deepseek, 'DEEPSEEK_API_KEY', ['deepseek-reasoner', 'deepseek-chat']),
      provider('minimax', minimax, 'MINIMAX_API_KEY', ['MiniMax-M2.1']),
      provider('openrouter', openrouter, 'OPENROUTER_API_KEY', ['openrouter/pony-alpha']),
    ],
    Router: {
      default: 'zai,glm-5',
      think: 'deepseek,deepseek-reasoner',
      longContext: 'minimax,MiniMax-M2.1',
      longContextThreshold: 1_048_576,
      tierRetries: { 'tier-0': retries },
    },
    Presets: {
      coding: { route: 'zai,glm-5', temperature: 0.7 },
      reasoning: { route: 'deepseek,deepseek-reasoner' },
      documentation: { route: 'minimax,MiniMax-M2.1' },
    },
    Frontend: { codex: { modelMappings: { 'your-model': 'minimax,MiniMax-M2.1' } } },
    HOST: '127.0.0.1',
    API_TIMEOUT_MS: 120_000,
    SSE_BUFFER_SIZE: 1024,
    POOL_MAX_IDLE_PER_HOST: 100,
    POOL_IDLE_TIMEOUT_MS: 30_000,
  };
}

/** "Advanced Configuration": its preset and its router. */
export function advancedConfig({ deepseek, openrouter, openai }: Upstream): JsonObject {
  return {
    Providers: [
      provider('openai', openai, 'OPENAI_PROVIDER_API_KEY', ['gpt-4o']),
      provider('deepseek', deepseek, 'DEEPSEEK_API_KEY', ['deepseek-reasoner']),
      provider('openrouter', openrouter, 'OPENROUTER_API_KEY', ['minimax/minimax-m2.1']),
    ],
    Router: {
      default: 'openai,gpt-4o',
      think: 'deepseek,deepseek-reasoner',
      background: 'openrouter,minimax/minimax-m2.1',
    },
    Presets: { coding: { route: 'openai,gpt-4o', max_tokens: 4096, temperature: 0.2 } },
  };
}

function provider(name: string, standIn: StandIn, key: string, models: string[]): JsonObject {
  return { name, api_base_url: standIn.url, api_key: `\${${key}}`, models };
}
