import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editList, without, type BodyChange } from './bodyEdits.ts';

// Items of a Responses body as clients send them back, in the form that OpenAI checks.

/** "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'." (openhuman#3624) */
export const fitParts: BodyChange = {
  change:
    'Parts of an item get the type that its role has: `output_text` for the assistant, else `input_text` and `input_image`.',
  edit: (body) => editList(body, 'input', fitItem),
};

function fitItem(item: JsonObject): JsonObject {
  const { type = 'message', role } = item;
  if (type === 'message') return editList(item, 'content', role === 'assistant' ? fitOwnPart : fitInputPart);
  return /^(?:function|custom_tool)_call_output$/.test(String(type)) ? editList(item, 'output', fitInputPart) : item;
}

const textTypes = new Set<unknown>(['text', 'input_text', 'output_text']);

function fitOwnPart(part: JsonObject): JsonObject {
  const { type, text } = part;
  if (type !== 'output_text' && textTypes.has(type)) return { type: 'output_text', text };
  const media = /^(?:input_)?(image|file|audio)(?:_url)?$/.exec(String(type))?.[1];
  return media ? { type: 'output_text', text: `[${media} omitted: an earlier answer can’t hold one]` } : part;
}

function fitInputPart(part: JsonObject): JsonObject {
  const { type, text, refusal, image_url: image } = part;
  if (type !== 'input_text' && textTypes.has(type)) return { type: 'input_text', text };
  if (type === 'refusal') return { type: 'input_text', text: refusal };
  if (type !== 'image_url') return part;
  const { url, detail } = isObject(image) ? image : { url: image, detail: undefined };
  return { type: 'input_image', image_url: url, ...(detail !== undefined && { detail }) };
}

export const fitReasoning: BodyChange = {
  change: 'A reasoning item without a `summary` gets an empty one.',
  edit: (body) =>
    editList(body, 'input', (item) =>
      item['type'] === 'reasoning' && !Array.isArray(item['summary']) ? { ...item, summary: [] } : item,
    ),
};

/** With what the id of an item of each type begins at OpenAI. */
const prefixes: Readonly<Record<string, string>> = {
  message: 'msg', reasoning: 'rs', function_call: 'fc', custom_tool_call: 'ctc',
}; // prettier-ignore

/**
 * "Expected an ID that begins with 'fc'", "string too long. Expected a string with maximum length 64", "Expected an ID that
 * contains letters, numbers, underscores, or dashes". An item needs none.
 */
export const dropForeignIds: BodyChange = {
  change: 'The `id` of an item that OpenAI can’t have given is left out.',
  edit: (body) => editList(body, 'input', (item) => (hasForeignId(item) ? without(item, 'id') : item)),
};

function hasForeignId({ type = 'message', id }: JsonObject): boolean {
  if (id === undefined || type === 'item_reference') return false;
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return true;
  const prefix = Object.hasOwn(prefixes, String(type)) ? prefixes[String(type)] : undefined;
  return prefix !== undefined && !id.startsWith(prefix);
}
