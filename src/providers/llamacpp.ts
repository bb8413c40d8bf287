import { objectsIn, type BodyChange } from './bodyEdits.ts';
import { cite } from './cite.ts';
import {
  grammarSchemas,
  lowMediumHigh,
  nameOneTool,
  templateEdits,
  templateThink,
  withoutThinking,
} from './localServer.ts';
import type { ProviderQuirk } from './quirk.ts';

/** llama-server. Other programs use the same port, so it is identified by the provider's name. */
export const llamacpp: ProviderQuirk = {
  name: 'llamacpp',
  aliases: ['llama.cpp', 'llama-server'],
  reasoning: { arrives: 'in `reasoning_content`', source: 'test/fixtures/providers/llamacpp-timings.sse' },
  wires: {
    'openai-chat': ({ model }) => ({
      ...templateThink(model),
      schemas: grammarSchemas,
      replay: { policy: 'real', source: 'the chat template takes the string (llama.cpp, tools/server/README)' },
      edits: [
        ...templateEdits(model),
        cite('a choice that is not a string silently becomes `auto` (providers.md, "Local")', nameOneTool),
        cite('llama.cpp#13196: `chat_template_kwargs.enable_thinking`', lowMediumHigh),
        cite(
          '"Assistant response prefill is incompatible with enable_thinking." (llama.cpp#20861)',
          continueWithoutThinking,
        ),
      ],
    }),
  },
};

const continueWithoutThinking: BodyChange = {
  change: 'A prefilled answer is continued without thinking.',
  edit: (body) => {
    if (objectsIn(body['messages']).at(-1)?.['role'] !== 'assistant') return body;
    return withoutThinking(body);
  },
};
