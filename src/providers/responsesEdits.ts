import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { objectsIn, type BodyChange } from './bodyEdits.ts';

// Edits of a Responses body for providers other than OpenAI.

/** Edits `input` if it is a list. Returns the same body if it is a text or the list does not change. */
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

/** An interrupting user message, or a note of the client, may come between a call and its output. */
export const adjoinOutputs: BodyChange = {
  change: 'The output of a tool call is moved to directly after the turn that made the call.',
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

/** Adds empty reasoning where it was lost, like the empty text in Chat Completions. */
export const requireReasoningItems: BodyChange = {
  change: 'Once a tool was called, a turn whose reasoning was lost gets an empty reasoning item.',
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

/** Whether the turn that begins at `start` lacks reasoning and does not end before the first tool call. */
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

/** Replaces images, sound and files by a note to the model, also in tool outputs. */
export const omitAttachmentParts: BodyChange = {
  change: 'Images, sound and files are replaced by a note that this model only reads text.',
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
