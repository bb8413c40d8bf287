import { isObject } from '../canonical/json.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropMessageFields, dropOpenAiFields, editMessages, markPrefill, renameField,
  useMaxTokens, without, type BodyChange,
} from './bodyEdits.ts'; // prettier-ignore
import { replaceIds } from './callIds.ts';
import { cite } from './cite.ts';
import { noteLaterSystem } from './laterSystem.ts';
import type { ProviderQuirk } from './quirk.ts';
import { clampTemperature } from './samplingEdits.ts';
import { commonSchemaProfile } from './toolSchemas.ts';

const extra = '"Extra inputs are not permitted" (providers.md, "Mistral")';

export const mistral: ProviderQuirk = {
  name: 'mistral',
  hosts: ['mistral.ai'],
  reasoning: {
    arrives: 'as thinking parts of the content',
    source: 'test/fixtures/providers/mistral-thinking-tool-call.sse',
  },
  wires: {
    'openai-chat': ({ model }) => ({
      schemas: { profile: commonSchemaProfile, source: '"Invalid tool schema: …" (pdf-reader-mcp#63)' },
      replay: reasons(model)
        ? { policy: 'content-parts', source: 'docs.mistral.ai, reasoning; vercel/ai#17930' }
        : { policy: 'none', source: 'caution: a model that does not think has no use for it' },
      edits: [
        cite('docs.mistral.ai: roles are system, user, assistant and tool', developerToSystem),
        cite(extra, useMaxTokens),
        cite('docs.mistral.ai, "Chat": `random_seed`', renameField('seed', 'random_seed')),
        cite(extra, dropOpenAiFields),
        cite(extra, dropFields('prompt_cache_key', 'stream_options', 'user', 'top_k', 'logprobs', 'top_logprobs')),
        cite(extra, dropMessageFields('refusal', 'annotations', 'audio')),
        cite(extra, dropNames),
        cite('docs.mistral.ai, "Chat": the range is 0 to 1.5', clampTemperature(1.5)),
        cite('`tools: []` is refused (providers.md, "Mistral")', dropNoTools),
        cite('models.dev#1986, celeste-python#311: the API’s own answers, model by model', effortOf(model)),
        cite('"Expected last role User or Tool" of a `system` message at the end', noteLaterSystem),
        cite('"Unexpected role \'user\' after role \'tool\'" (providers.md, "Mistral")', answerTools),
        cite('"Expected last role User or Tool (or Assistant with prefix True)"', markPrefill('prefix')),
        cite('"Tool call id … must be a-z, A-Z, 0-9, with a length of 9." (providers.md, "Mistral")', shortenIds),
      ],
    }),
  },
};

/** False for Large, Codestral, Devstral and Ministral, and for the Medium models of 2025. */
function reasons(model: string): boolean {
  return /^magistral|^mistral-(small|medium)(-latest|-26\d\d|-3([.-]5)?)?$|glm/.test(model);
}

function effortOf(model: string): BodyChange {
  if (!reasons(model)) return effortRefused;
  return model.includes('glm') ? effortOfGlm : highOrNone;
}

/** "reasoning_effort is not enabled for this model", whatever it is. */
const effortRefused: BodyChange = {
  change: '`reasoning_effort` is dropped: the model does not think.',
  edit: (body) => without(body, 'reasoning_effort'),
};

const highOrNone: BodyChange = {
  change: '`reasoning_effort` becomes `high`, unless it is `none`.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    return typeof effort === 'string' && effort !== 'none' ? { ...body, reasoning_effort: 'high' } : body;
  },
};

const effortOfGlm: BodyChange = {
  change: '`reasoning_effort` becomes the nearest of `low`, `high` and `max`.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    return isEffort(effort) ? { ...body, reasoning_effort: nearestEffort(effort, ['low', 'high', 'max']) } : body;
  },
};

const dropNames: BodyChange = {
  change: '`name` of a message is dropped, except in tool messages.',
  edit: editMessages((message) => (message['role'] === 'tool' ? message : without(message, 'name'))),
};

const dropNoTools: BodyChange = {
  change: 'An empty list of tools is dropped.',
  edit: (body) =>
    Array.isArray(body['tools']) && body['tools'].length === 0
      ? without(body, 'tools', 'tool_choice', 'parallel_tool_calls')
      : body,
};

/** Clients add a user message after a result if the user interrupted, or if the result has an image. */
const answerTools: BodyChange = {
  change:
    'Between a tool result and a message that is not the model’s, an assistant message that acknowledges the result is added.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages)) return body;
    const edited = messages.flatMap((message: unknown, index): unknown[] => {
      const before: unknown = messages[index - 1];
      const answers = isObject(message) && (message['role'] === 'tool' || message['role'] === 'assistant');
      const unanswered = isObject(before) && before['role'] === 'tool' && !answers;
      return unanswered ? [{ role: 'assistant', content: 'I have the result.' }, message] : [message];
    });
    return edited.length === messages.length ? body : { ...body, messages: edited };
  },
};

/** Nine hexadecimal digits, so that collisions within a conversation are practically impossible. */
const shortenIds: BodyChange = {
  change: 'Tool call ids become nine letters and digits.',
  edit: replaceIds(
    (id) => /^[a-zA-Z0-9]{9}$/.test(id),
    (hash) => hash.slice(0, 9),
  ),
};
