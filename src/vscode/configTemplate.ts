/** A new user's config.json: four providers whose keys come from the environment or from VS Code's secret storage. */
export const configTemplate = `// CCR: which providers there are, and which of their models answers what.
// Comments and trailing commas are welcome.
{
  // Keys come from the environment, from a .env file beside this one, or from
  // "CCR: Set Provider API Key" in VS Code. A provider without a key is off.
  "Providers": [
    {
      "name": "deepseek",
      "api_base_url": "https://api.deepseek.com",
      "api_key": "\${DEEPSEEK_API_KEY}",
      "models": ["deepseek-flash", "deepseek-v4-pro"],
    },
    {
      "name": "zai",
      "api_base_url": "https://api.z.ai/api/paas/v4",
      "api_key": "\${ZAI_API_KEY}",
      "models": ["glm-5.3"],
    },
    {
      "name": "minimax",
      "api_base_url": "https://api.minimax.io/v1",
      "api_key": "\${MINIMAX_API_KEY}",
      "models": ["MiniMax-M3"],
    },
    {
      "name": "openrouter",
      "api_base_url": "https://openrouter.ai/api/v1",
      "api_key": "\${OPENROUTER_API_KEY}",
      "models": ["openrouter/auto"],
    },
    // A server on this machine needs no key:
    // { "name": "local", "api_base_url": "http://127.0.0.1:11434/v1", "models": ["qwen3-coder"] },
  ],

  // "provider,model" for what is asked. When one fails, the others are tried in this order.
  "Router": {
    "default": "deepseek,deepseek-flash",
    "think": "deepseek,deepseek-v4-pro",
    // "longContext": "minimax,MiniMax-M3",
    // "longContextThreshold": 60000, // tokens
    // "background": "zai,glm-5.3",
  },

  // What "CCR: Switch Preset" offers, and http://127.0.0.1:3456/preset/NAME/v1 serves.
  // Other keys than "route" are request parameters.
  "Presets": {
    "coding": { "route": "zai,glm-5.3", "temperature": 0.7 },
    "reasoning": { "route": "deepseek,deepseek-v4-pro" },
    "documentation": { "route": "minimax,MiniMax-M3" },
  },

  // The names that Codex asks for.
  "Frontend": {
    "codex": {
      "modelMappings": {
        "o3-mini": "reasoning",
      },
    },
  },
}
`;
