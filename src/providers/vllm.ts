import { cite } from './cite.ts';
import { lowMediumHigh, templateEdits, templateThink } from './localServer.ts';
import type { ProviderQuirk } from './quirk.ts';

/** vLLM's server. Other programs use the same port, so it is identified by the provider's name. */
export const vllm: ProviderQuirk = {
  name: 'vllm',
  reasoning: { arrives: 'in `reasoning`', source: 'test/fixtures/providers/vllm-reasoning.sse' },
  wires: {
    'openai-chat': ({ model }) => ({
      ...templateThink(model),
      replay: { policy: 'named', source: 'docs.vllm.ai, reasoning outputs: it took the place of `reasoning_content`' },
      edits: [
        ...templateEdits(model),
        cite("\"Input should be 'low', 'medium' or 'high'\" (CLIProxyAPI#1572)", lowMediumHigh),
      ],
    }),
  },
};
