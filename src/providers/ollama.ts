import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import { onlyAutoToolChoice, without, type BodyChange } from './bodyEdits.ts';
import { cite } from './cite.ts';
import { localResponses, nameOneTool, omitRemoteImages, templateEdits, templateThink } from './localServer.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** Ollama on its default port, and its cloud. */
export const ollama: ProviderQuirk = {
  name: 'ollama',
  hosts: ['ollama.com'],
  localPort: '11434',
  reasoning: { arrives: 'in `reasoning`', source: 'test/fixtures/providers/ollama-reasoning.sse' },
  wires: {
    'openai-responses': () => ({
      surface: { takes: localResponses, source: 'docs.ollama.com, "OpenAI compatibility"' },
    }),
    'anthropic-messages': () => ({ edits: [...plainMessages] }),
    'openai-chat': ({ model }) => ({
      ...templateThink(model),
      schemas: {
        profile: { rootUnions: false, references: 'none', mustBeTyped: false, grammar: true },
        source: 'ollama, api/types.go: a property has no `$ref`; patterns as llama.cpp (kubernetes-mcp-server#758)',
      },
      replay: { policy: 'named', source: 'ollama, openai/openai.go: `reasoning` of a message' },
      edits: [
        ...templateEdits(model),
        cite('ollama, openai/openai.go: `tool_choice` is not read', nameOneTool),
        cite('ollama, openai/openai.go: `tool_choice` is not read', onlyAutoToolChoice),
        cite('"invalid image input" (ollama, openai/openai.go)', omitRemoteImages),
        cite('"does not support thinking"; "invalid reasoning value" (ollama#12561, ollama#14820)', effortOf(model)),
      ],
    }),
  },
};

/** Some model families support levels. Others only turn thinking on or off, and older versions of Ollama refuse levels for them. */
function effortOf(model: string): BodyChange {
  return /gpt-oss|glm-[5-9]|deepseek-v[4-9]|kimi-k|minimax-m|qwen3\.[5-9]/.test(model) ? levels : onOrOff;
}

const levels: BodyChange = {
  change: '`reasoning_effort` becomes the nearest of `none`, `low`, `medium`, `high` and `max`.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    if (!isEffort(effort)) return body;
    return { ...body, reasoning_effort: nearestEffort(effort, ['none', 'low', 'medium', 'high', 'max']) };
  },
};

const onOrOff: BodyChange = {
  change: '`reasoning_effort` is dropped unless it is `none`: models that can think do so by default.',
  edit: (body) => (body['reasoning_effort'] === 'none' ? body : without(body, 'reasoning_effort')),
};
