import { fieldsWhere, isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { Cited, Statement } from './cite.ts';

/**
 * A pure edit of a request body. Returns a copy, or the same body if nothing changes. In a relay, the body comes from the
 * client, so fields can hold anything.
 */
export type EditBody = (body: JsonObject) => JsonObject;

/** An edit that several providers need. Each provider cites its own source for it. */
export type BodyChange = Statement & { edit: EditBody };

/** An edit as a quirk has it. */
export type BodyEdit = Cited<BodyChange>;

export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function applyEdits(body: JsonObject, edits: readonly BodyChange[]): JsonObject {
  let edited = body;
  for (const { edit } of edits) edited = edit(edited);
  return edited;
}

export function without(object: JsonObject, ...names: string[]): JsonObject {
  for (const name of names)
    if (Object.hasOwn(object, name)) return fieldsWhere(object, (each) => !names.includes(each));
  return object;
}

export function dropFields(...names: string[]): BodyChange {
  return {
    change: `${names.map((name) => `\`${name}\``).join(', ')} ${names.length === 1 ? 'is' : 'are'} left out.`,
    edit: (body) => without(body, ...names),
  };
}

/** For providers that refuse unknown parameters. */
export function keepFields(names: readonly string[]): BodyChange {
  return {
    change: 'Parameters that are not in its API reference are dropped.',
    edit: (body) => without(body, ...Object.keys(body).filter((name) => !names.includes(name))),
  };
}

/** Drops parameters that only OpenAI's own API accepts. `prompt_cache_key` and `n` are separate: others accept them too. */
export const dropOpenAiFields = dropFields(
  'store', 'metadata', 'service_tier', 'safety_identifier', 'prompt_cache_retention', 'verbosity', 'prediction',
  'modalities', 'audio', 'web_search_options', 'logit_bias', 'seed',
); // prettier-ignore

/** Edits each message. `edit` returns the same message when there is nothing to change. */
export function editMessages(edit: (message: JsonObject, index: number) => JsonObject): EditBody {
  return (body) => editList(body, 'messages', edit);
}

export function editTools(edit: (tool: JsonObject) => JsonObject): EditBody {
  return (body) => editList(body, 'tools', edit);
}

/** Edits each object of a list in `holder`. Returns the same holder when there is nothing to change. */
export function editList(
  holder: JsonObject,
  name: string,
  edit: (item: JsonObject, index: number) => JsonObject,
): JsonObject {
  const list: unknown = holder[name];
  if (!Array.isArray(list)) return holder;
  let edited: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item: unknown = list[index];
    const fitted = isObject(item) ? edit(item, index) : item;
    if (fitted === item) continue;
    edited ??= [...(list as unknown[])];
    edited[index] = fitted;
  }
  return edited ? { ...holder, [name]: edited } : holder;
}

/** Edits the `function` object of each function tool. */
export function editFunctions(edit: (declared: JsonObject) => JsonObject): EditBody {
  return editTools((tool) => {
    if (!isObject(tool['function'])) return tool;
    const edited = edit(tool['function']);
    return edited === tool['function'] ? tool : { ...tool, function: edited };
  });
}

export const developerToSystem: BodyChange = {
  change: 'The role `developer` becomes `system`.',
  edit: editMessages((message) => (message['role'] === 'developer' ? { ...message, role: 'system' } : message)),
};

export const dropMessageNames: BodyChange = {
  change: '`name` of a message is left out.',
  edit: editMessages((message) => without(message, 'name')),
};

/** Drops fields of OpenAI's answers that some providers refuse when a client sends them back. */
export function dropMessageFields(...names: string[]): BodyChange {
  return {
    change: `${names.map((name) => `\`${name}\``).join(', ')} of a message ${names.length === 1 ? 'is' : 'are'} left out.`,
    edit: editMessages((message) => without(message, ...names)),
  };
}

export const dropStrict: BodyChange = {
  change: '`strict` of a tool is left out.',
  edit: editFunctions((declared) => without(declared, 'strict')),
};

export const useMaxTokens = renameField('max_completion_tokens', 'max_tokens');

export const useMaxCompletionTokens = renameField('max_tokens', 'max_completion_tokens');

export function renameField(from: string, to: string): BodyChange {
  return {
    change: `\`${from}\` becomes \`${to}\`.`,
    edit: (body) => {
      if (!(from in body)) return body;
      const { [from]: value, ...rest } = body;
      return to in rest ? rest : { ...rest, [to]: value };
    },
  };
}

/** Lowers the output token limit of a body, in any protocol. Adds no limit. */
export function capMaxTokens(limit: number): BodyChange {
  return {
    change: `An output limit above ${limit} tokens is lowered to ${limit}.`,
    edit: (body) => {
      const above = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'].filter(
        (name) => Number(body[name]) > limit,
      );
      return above.length === 0 ? body : { ...body, ...Object.fromEntries(above.map((name) => [name, limit])) };
    },
  };
}

/** For providers that start a new answer after a prefill unless the prefill is marked. */
export function markPrefill(field: string): BodyChange {
  return {
    change: `A prefilled answer gets \`${field}: true\`.`,
    edit: (body) => {
      const messages: unknown = body['messages'];
      const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
      if (!Array.isArray(messages) || !isObject(last) || last['role'] !== 'assistant' || !last['content']) return body;
      return { ...body, messages: [...(messages as unknown[]).slice(0, -1), { ...last, [field]: true }] };
    },
  };
}

export const goOn = 'Go on exactly where this ends, without repeating any of it.';

/** For providers that cannot continue a prefill. */
export const askForTheRest: BodyChange = {
  change: 'After a prefilled answer, a user message that asks for the rest is added.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
    if (!Array.isArray(messages) || !isObject(last) || last['role'] !== 'assistant' || last['prefix'] === true)
      return body;
    const request = { role: 'user', content: goOn };
    return { ...body, messages: [...(messages as unknown[]), request] };
  },
};

/** A choice that forces a tool becomes `auto`. `when` continues the sentence. */
export function softenToolChoice(when = '', isRefused: (body: JsonObject) => boolean = () => true): BodyChange {
  return {
    change: `A \`tool_choice\` that forces a tool becomes \`auto\`${when === '' ? '' : ` ${when}`}.`,
    edit: (body) => {
      const choice = body['tool_choice'];
      const forced = choice === 'required' || isObject(choice);
      return forced && isRefused(body) ? { ...body, tool_choice: 'auto' } : body;
    },
  };
}

/** For providers that only accept `auto`. Dropping the tools has the effect of `none`. */
export const onlyAutoToolChoice: BodyChange = {
  change: '`tool_choice` becomes `auto`; for `none`, the tools are dropped.',
  edit: (body) => {
    const choice = body['tool_choice'];
    if (choice === 'none') return without(body, 'tool_choice', 'tools', 'parallel_tool_calls');
    return choice === undefined || choice === 'auto' ? body : { ...body, tool_choice: 'auto' };
  },
};

/** Whether the body turns thinking off in the form of DeepSeek, GLM, MiniMax and Kimi. */
export function thinkingIsOff({ thinking }: JsonObject): boolean {
  return isObject(thinking) && thinking['type'] === 'disabled';
}

const attachmentNames = new Map<unknown, string>([
  ['image_url', 'image'],
  ['input_audio', 'audio'],
  ['video_url', 'video'],
  ['file', 'file'],
]);

/** Replaces images, sound, videos and files, which the provider would refuse, by a note to the model. */
export const omitAttachments: BodyChange = {
  change: 'Images, sound, videos and files are replaced by a note that this model only reads text.',
  edit: editMessages((message) => {
    const content: unknown = message['content'];
    if (!Array.isArray(content)) return message;
    const edited = content.map((part: unknown) => {
      const name = isObject(part) ? attachmentNames.get(part['type']) : undefined;
      return name === undefined ? part : { type: 'text', text: `[${name} omitted: this model reads text only]` };
    });
    return edited.every((part, index) => part === content[index]) ? message : { ...message, content: edited };
  }),
};

/**
 * Some providers refuse `json_object` unless the prompt mentions JSON (providers.md, "DeepSeek"; vercel/ai#7303 of Groq). The
 * mention is added to the first system message.
 */
export const nameJson: BodyChange = {
  change: 'With the format `json_object`, a mention of JSON is added to the prompt if it has none.',
  edit: (body) => {
    const format = body['response_format'];
    if (!isObject(format) || format['type'] !== 'json_object' || /json/i.test(JSON.stringify(body['messages'])))
      return body;
    return {
      ...body,
      messages: addInstruction(body['messages'], 'Answer with a JSON object, and with nothing else.'),
    };
  },
};

/** A JSON schema as an instruction, for providers that know only `json_object`. */
export const schemaToInstruction: BodyChange = {
  change: 'A JSON schema for the answer becomes an instruction in the prompt and the format `json_object`.',
  edit: (body) => {
    const format = body['response_format'];
    if (!isObject(format) || format['type'] !== 'json_schema') return nameJson.edit(body);
    const holder = isObject(format['json_schema']) ? format['json_schema'] : {};
    const instruction = `Answer with a JSON object that follows this JSON schema, and with nothing else:\n${JSON.stringify(holder['schema'] ?? {})}`;
    return {
      ...body,
      response_format: { type: 'json_object' },
      messages: addInstruction(body['messages'], instruction),
    };
  },
};

/** Whether the answer must be JSON. */
export function hasFormat({ response_format: format }: JsonObject): boolean {
  return isObject(format) && format['type'] !== 'text';
}

/** For requests that cannot ask for a format at all. */
export function formatToInstruction(body: JsonObject): JsonObject {
  return hasFormat(body) ? without(schemaToInstruction.edit(body), 'response_format') : body;
}

function addInstruction(messages: unknown, instruction: string): unknown[] {
  const list: unknown[] = Array.isArray(messages) ? messages : [];
  const [first, ...rest] = list;
  if (!isObject(first) || first['role'] !== 'system' || typeof first['content'] !== 'string') {
    return [{ role: 'system', content: instruction }, ...list];
  }
  return [{ ...first, content: `${first['content']}\n\n${instruction}` }, ...rest];
}

/**
 * Reads the reasoning of a Chat Completions provider from another field, in streams and whole replies. Non-empty
 * `reasoning_content` takes precedence.
 */
export function reasoningField(field: string): BodyChange {
  return {
    change: `Reasoning in \`${field}\` is read as \`reasoning_content\`.`,
    edit: (reply) => {
      const choices = reply['choices'];
      if (!Array.isArray(choices)) return reply;
      const edited = choices.map((choice: unknown) =>
        isObject(choice) ? moveIn(moveIn(choice, 'delta', field), 'message', field) : choice,
      );
      return edited.every((choice, index) => choice === choices[index]) ? reply : { ...reply, choices: edited };
    },
  };
}

function moveIn(choice: JsonObject, name: 'delta' | 'message', field: string): JsonObject {
  const answer = choice[name];
  if (!isObject(answer) || typeof answer[field] !== 'string') return choice;
  const reasoning = answer['reasoning_content'] || answer[field];
  return { ...choice, [name]: { ...without(answer, field), reasoning_content: reasoning } };
}
