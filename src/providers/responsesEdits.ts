import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { objectsIn, type BodyChange } from './bodyEdits.ts';

// Edits of a Responses body for providers other than OpenAI.

/** Edits `input` as a list; one that is a text, and the same list, leave the body as it is. */
function editInput(edit: (items: unknown[]) => unknown[]): BodyChange['edit'] {
  return (body) => {
    const input: unknown = body['input'];
    if (!Array.isArray(input)) return body;
    const edited = edit(input);
    const same = edited.length === input.length && edited.every((item, index) => item === input[index]);
    return same ? body : { ...body, input: edited };
  };
}

function typeOf(item: unknown): string {
  const type = isObject(item) ? (item['type'] ?? 'message') : undefined;
  return typeof type === 'string' ? type : '';
}

const isCall = (item: unknown): item is JsonObject => /^(function|custom_tool)_call$/.test(typeOf(item));
const isOutput = (item: unknown): item is JsonObject => /^(function|custom_tool)_call_output$/.test(typeOf(item));
const isByModel = (item: unknown): boolean =>
  isCall(item) || typeOf(item) === 'reasoning' || (isObject(item) && item['role'] === 'assistant');

export const developerItemsToSystem: BodyChange = {
  change: 'The role `developer` becomes `system`.',
  edit: editInput((items) =>
    items.map((item) => (isObject(item) && item['role'] === 'developer' ? { ...item, role: 'system' } : item)),
  ),
};

/** A user who breaks in, or a note of the client's, may stand between. */
export const adjoinOutputs: BodyChange = {
  change: 'The output of a tool call moves up to its call, before anything that is not of the same turn.',
  edit: editInput((items) => {
    const moved = new Set<unknown>();
    const open = new Set<unknown>();
    return items.flatMap((item, index): unknown[] => {
      if (moved.has(item)) return [];
      if (isCall(item)) open.add(item['call_id']);
      if (isOutput(item)) open.delete(item['call_id']);
      if (open.size === 0 || isByModel(item) || isOutput(item)) return [item];
      const outputs = items.slice(index).filter((later) => isOutput(later) && open.has(later['call_id']));
      for (const output of outputs) moved.add(output);
      open.clear();
      return [...outputs, item];
    });
  }),
};

/** Empty where it is lost, as an empty text counts in Chat Completions. */
export const requireReasoningItems: BodyChange = {
  change: 'Once a tool was called, a turn whose reasoning is lost gets an empty item of it.',
  edit: (body) => {
    const { reasoning: options } = body;
    if (isObject(options) && options['effort'] === 'none') return body;
    return editInput((items) => {
      const first = items.findIndex(isCall);
      if (first === -1) return items;
      return items.flatMap((item, index) => {
        const begins = isByModel(item) && !isByModel(items[index - 1]);
        return begins && isBare(items, index, first) ? [emptyReasoning, item] : [item];
      });
    })(body);
  },
};

const emptyReasoning = { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: '' }] };

/** Whether the turn that begins at `start` has no reasoning, and is not over before the first call of all. */
function isBare(items: unknown[], start: number, firstCall: number): boolean {
  const length = items.slice(start).findIndex((item) => !isByModel(item));
  const turn = length === -1 ? items.slice(start) : items.slice(start, start + length);
  return start + turn.length > firstCall && !turn.some((item) => typeOf(item) === 'reasoning');
}

const attachmentNames = new Map<unknown, string>([
  ['input_image', 'image'],
  ['input_file', 'file'],
  ['input_audio', 'audio'],
]);

/** Says in the place of each image, sound or file that this model could not see it, also within outputs of tools. */
export const omitAttachmentParts: BodyChange = {
  change: 'An image, sound or file becomes a note that this model reads text only.',
  edit: editInput((items) =>
    items.map((item) => {
      if (!isObject(item)) return item;
      const place = isOutput(item) ? 'output' : 'content';
      const parts: unknown = item[place];
      if (!Array.isArray(parts) || !objectsIn(parts).some(({ type }) => attachmentNames.has(type))) return item;
      return { ...item, [place]: parts.map(withoutAttachment) };
    }),
  ),
};

function withoutAttachment(part: unknown): unknown {
  const name = isObject(part) ? attachmentNames.get(part['type']) : undefined;
  return name === undefined ? part : { type: 'input_text', text: `[${name} omitted: this model reads text only]` };
}
