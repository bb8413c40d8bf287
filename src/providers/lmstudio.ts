import { dropFields, developerToSystem, isObject, useMaxTokens, type BodyEdit } from './bodyEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** LM Studio on its own port. It loses the opening tag of several models (lms#476, lmstudio-bug-tracker#1495 and #1368). */
export const lmstudio: ProviderQuirk = {
  name: 'lmstudio',
  aliases: ['lm-studio'],
  localPort: '1234',
  wires: {
    'openai-chat': ({ model }) => ({
      think: { impliedOpener: /glm|minimax|step/.test(model) },
      edits: [developerToSystem, useMaxTokens, dropFields('prompt_cache_key', 'store', 'verbosity'), nameNoTool],
    }),
  },
};

/** "Invalid tool_choice type: 'object'. Supported string values: none, auto, required" (providers.md, "Local"). */
const nameNoTool: BodyEdit = (body) => (isObject(body['tool_choice']) ? { ...body, tool_choice: 'required' } : body);
