import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, editMessages, objectsIn, useMaxTokens, without, type BodyChange, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { countCalls } from './callIds.ts';
import { omitFiles } from './chatFiles.ts';
import { cite } from './cite.ts';
import { joinSystem, noteLaterSystem } from './laterSystem.ts';
import type { SchemaRule, ThinkRule } from './quirk.ts';
import { fewerFields, responsesSurface } from './surfaces.ts';

/** Shared by self-hosted servers, where the model's own chat template formats the conversation. */

const template = '"System message must be at the beginning." (opencode#16560, Qwen’s template)';

/** llama.cpp makes a grammar of every tool's schema, and those who embed it do the same. */
export const grammarSchemas: SchemaRule = {
  profile: { rootUnions: false, references: 'any', mustBeTyped: true, grammar: true },
  source:
    '"Pattern must start with \'^\' and end with \'$\'" (llama.cpp#26930, lmstudio-bug-tracker#2168), "Unrecognized schema" (llama.cpp#14227), `maxLength` (unsloth#7512)',
};

/** The fields of Responses that servers of open models take. */
export const localResponses = {
  ...fewerFields(responsesSurface, 'include', 'prompt_cache_key', 'metadata', 'user', 'service_tier'),
  include: [],
};

export function templateEdits(model: string): BodyEdit[] {
  return [
    cite('caution: chat templates know texts and images', omitFiles),
    cite('caution: chat templates do not know `developer`', developerToSystem),
    cite('caution: all providers know the older name', useMaxTokens),
    cite('caution: only OpenAI uses it', dropFields('prompt_cache_key', 'store', 'verbosity')),
    cite(template, joinSystem),
    cite(template, noteLaterSystem),
    ...(model.includes('kimi') ? [cite('kimchi#1063, Kimi-K2’s tool_call_guidance', countCalls)] : []),
  ];
}

/** The templates of these models write the opening tag into the prompt, so the answer only has the closing tag. */
export function templateThink(model: string): { think?: ThinkRule } {
  return /glm|minimax|step/.test(model)
    ? { think: { tags: 'closer-alone', source: 'lms#476, lmstudio-bug-tracker#1495 and #1368' } }
    : {};
}

/** Offering only that tool has the same effect as forcing it. */
export const nameOneTool: BodyChange = {
  change: 'A `tool_choice` that names a tool becomes `required`, and the other tools are dropped.',
  edit: (body) => {
    const choice = body['tool_choice'];
    if (!isObject(choice)) return body;
    const name = nameOf(choice);
    const tools = objectsIn(body['tools']).filter((tool) => nameOf(tool) === name);
    return { ...body, tool_choice: 'required', ...(tools.length > 0 ? { tools } : {}) };
  },
};

function nameOf({ function: called }: JsonObject): unknown {
  return isObject(called) ? called['name'] : undefined;
}

export const omitRemoteImages: BodyChange = {
  change: 'An image URL becomes a note: this server only reads images that are embedded in the request.',
  edit: editMessages((message) => {
    const content: unknown = message['content'];
    if (!Array.isArray(content) || !content.some(isRemoteImage)) return message;
    const note = { type: 'text', text: '[image omitted: this server does not fetch images]' };
    return { ...message, content: content.map((part: unknown) => (isRemoteImage(part) ? note : part)) };
  }),
};

function isRemoteImage(part: unknown): boolean {
  if (!isObject(part) || part['type'] !== 'image_url') return false;
  const image = part['image_url'];
  const url = isObject(image) ? image['url'] : image;
  return typeof url === 'string' && !url.startsWith('data:');
}

/** Sets the parameters that the templates of Qwen, GLM, DeepSeek and others read. Other templates ignore them. */
export function withoutThinking(body: JsonObject): JsonObject {
  const { chat_template_kwargs: settings } = body;
  const known = isObject(settings) ? settings : {};
  return { ...body, chat_template_kwargs: { ...known, enable_thinking: false } };
}

export const lowMediumHigh: BodyChange = {
  change:
    '`reasoning_effort` becomes the nearest of `low`, `medium` and `high`; `none` turns thinking off through `chat_template_kwargs`.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    if (!isEffort(effort)) return body;
    const rest = without(body, 'reasoning_effort');
    if (effort === 'none') return withoutThinking(rest);
    return { ...rest, reasoning_effort: nearestEffort(effort, ['low', 'medium', 'high']) };
  },
};
