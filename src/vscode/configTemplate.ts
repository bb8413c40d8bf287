/** The config.json of a new user: one provider, with its key from the environment or from VS Code's secret storage. */
export const configTemplate = `// CCR: providers, and which of their models answers which kind of request.
// Comments and trailing commas are allowed.
{
  // Keys come from the environment, from a .env file next to this one, or from
  // "CCR: Set Provider API Key" in VS Code. A provider without a key is disabled.
  "Providers": [
    {
      "name": "deepseek",
      "api_base_url": "https://api.deepseek.com",
      "api_key": "\${DEEPSEEK_API_KEY}",
      "models": ["deepseek-flash", "deepseek-v4-pro"],
    },
    // Others, with "CCR: Add Provider" or by hand:
    // { "name": "zai", "api_base_url": "https://api.z.ai/api/paas/v4", "api_key": "\${ZAI_API_KEY}", "models": ["glm-5.3"] },
    // { "name": "minimax", "api_base_url": "https://api.minimax.io/v1", "api_key": "\${MINIMAX_API_KEY}", "models": ["MiniMax-M3"] },
    // A server on this machine needs no key:
    // { "name": "local", "api_base_url": "http://127.0.0.1:11434/v1", "models": ["qwen3-coder"] },
  ],

  // "provider,model" for each kind of request. When one fails, the others are tried in this order.
  "Router": {
    "default": "deepseek,deepseek-flash",
    "think": "deepseek,deepseek-v4-pro",
    // "longContext": "minimax,MiniMax-M3",
    // "longContextThreshold": 60000, // tokens
    // "background": "zai,glm-5.3",
  },

  // The choices of "CCR: Switch Preset", also served at http://127.0.0.1:3456/preset/NAME/v1.
  // Keys other than "route" are request parameters.
  "Presets": {
    "coding": { "route": "deepseek,deepseek-flash", "temperature": 0.7 },
    "reasoning": { "route": "deepseek,deepseek-v4-pro" },
  },

  // Maps model names that Codex requests to presets or routes.
  "Frontend": {
    "codex": {
      "modelMappings": {
        "o3-mini": "reasoning",
      },
    },
  },
}
`;
