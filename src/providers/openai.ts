import { objectsIn, useMaxCompletionTokens, without, type BodyEdit } from './bodyEdits.ts';
import { capCallIds } from './callIds.ts';
import { isBelow } from './hosts.ts';
import type { ProviderQuirk } from './quirk.ts';
import { keepProven } from './replay.ts';

/** OpenAI's own API, and Azure's copy of it. Its frames can be relayed as they are: no reasoning hides in its text. */
export const openai: ProviderQuirk = {
  name: 'openai',
  exactName: true,
  hosts: ['api.openai.com', 'openai.azure.com'],
  wires: {
    'openai-chat': ({ model, hostname }) => ({
      replay: 'none',
      edits: [
        useMaxCompletionTokens,
        capCallIds,
        ...(isReasoningModel(model) ? [dropSampling] : []),
        toolsWithoutEffort(model),
      ],
      // Something else may stand behind the name.
      ...(isBelow(hostname, openai.hosts ?? []) ? { think: false } : {}),
    }),
    'openai-responses': () => ({
      features: { customTools: true, namespaces: true, hostedTools: true, compaction: true },
      replay: 'real',
      // "Item with id 'rs_…' not found" (bifrost#5410), `invalid_encrypted_content` (codex#8145).
      request: keepProven('encrypted'),
    }),
  },
};

function isReasoningModel(model: string): boolean {
  return /^(o\d|gpt-[5-9])/.test(model) && !model.includes('chat');
}

/** "'temperature' does not support 0.16 … Only the default (1)" (9router#560). */
const dropSampling: BodyEdit = (body) => without(body, 'temperature', 'top_p');

/**
 * "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions"; gpt-5.6 refuses even
 * an absent effort, unless it is `none` (litellm#34569). The Responses protocol has no such limit.
 */
function toolsWithoutEffort(model: string): BodyEdit {
  return (body) => {
    if (objectsIn(body['tools']).length === 0) return body;
    if (/^gpt-(5\.[6-9]|[6-9])/.test(model)) return { ...body, reasoning_effort: 'none' };
    return /^gpt-5\.[45]/.test(model) ? without(body, 'reasoning_effort') : body;
  };
}
