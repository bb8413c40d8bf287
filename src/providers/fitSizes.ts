import { isObject } from '../canonical/json.ts';
import type { FieldPath } from '../canonical/refusedFields.ts';
import { isImage } from '../canonical/refusedImages.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editList, objectsIn } from './bodyEdits.ts';

// A body whose lists and texts are as long as its provider takes them.

/** Edits what is at `path`, where `*` stands for each item of a list. The same value if nothing changes. */
export function editAt(value: unknown, [key, ...rest]: FieldPath, edit: (value: unknown) => unknown): unknown {
  if (key === undefined) return edit(value);
  if (key === '*') {
    if (!Array.isArray(value)) return value;
    const items = value.map((item: unknown) => editAt(item, rest, edit));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isObject(value) || !Object.hasOwn(value, key)) return value;
  const edited = editAt(value[key], rest, edit);
  return edited === value[key] ? value : { ...value, [key]: edited };
}

/** The beginning of a text. Half of a pair of surrogates is no character. */
export function cutOff(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`;
}

/** Of the tools those that the conversation has called or the choice names stay before others, all in their order. */
export function fewerItems(body: JsonObject, path: FieldPath, most: number): JsonObject {
  return editAt(body, path, (list) => {
    if (!Array.isArray(list) || list.length <= most) return list;
    const kept = path[0] === 'tools' ? neededFirst(list, body, most) : list.slice(0, most);
    return list.filter((item: unknown) => kept.includes(item));
  }) as JsonObject;
}

function neededFirst(tools: readonly unknown[], body: JsonObject, most: number): unknown[] {
  const called = calledNames(body);
  const isCalled = (tool: unknown): boolean => called.has(nameOf(tool));
  return [...tools.filter(isCalled), ...tools.filter((tool) => !isCalled(tool))].slice(0, most);
}

function nameOf(tool: unknown): unknown {
  if (!isObject(tool)) return undefined;
  return isObject(tool['function']) ? tool['function']['name'] : tool['name'];
}

function calledNames({ messages, input, tool_choice: choice }: JsonObject): Set<unknown> {
  const inMessages = objectsIn(messages).flatMap(({ tool_calls: calls, content }) => [
    ...objectsIn(calls),
    ...objectsIn(content).filter(({ type }) => type === 'tool_use'),
  ]);
  const inItems = objectsIn(input).filter(({ type }) => type === 'function_call' || type === 'custom_tool_call');
  return new Set([...inMessages, ...inItems, choice].map(nameOf));
}

/** For users: how many items a list is too long, and the names of the first of them. */
export function describeLeft(body: JsonObject, path: FieldPath, most: number): string {
  const list: unknown = body[path[0] ?? ''];
  if (!Array.isArray(list)) return 'the others';
  const kept = fewerItems(body, path, most)[path[0] ?? ''];
  const left = list.filter((item: unknown) => !(Array.isArray(kept) && kept.includes(item)));
  const names = left.map(nameOf).filter((name) => typeof name === 'string');
  const more = names.length > 5 ? ', …' : '';
  return names.length === 0 ? `${left.length}` : `${left.length} (${names.slice(0, 5).join(', ')}${more})`;
}

const omitted = '[image omitted: the provider refused it]';

/** Replaces the images at these places by a note; all of them if none of the places has one. */
export function omitImages(body: JsonObject, paths: readonly (readonly string[])[]): JsonObject {
  const named = paths.reduce<JsonObject>((edited, path) => replaceAt(edited, path) as JsonObject, body);
  if (named !== body) return named;
  const list = 'messages' in body ? 'messages' : 'input';
  const omit = (part: JsonObject): JsonObject => (isImage(part) ? noteFor(part) : editList(part, 'content', omit));
  return editList(body, list, (item) => editList(editList(item, 'content', omit), 'output', omit));
}

function noteFor(part: JsonObject): JsonObject {
  const mark = part['cache_control'];
  return {
    type: part['type'] === 'input_image' ? 'input_text' : 'text',
    text: omitted,
    ...(mark !== undefined && { cache_control: mark }),
  };
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (isImage(value)) return noteFor(value as JsonObject);
  if (key === undefined) return value;
  if (Array.isArray(value)) {
    const index = Number(key);
    if (!Number.isInteger(index) || index >= value.length) return value;
    const item: unknown = value[index];
    const edited = replaceAt(item, rest);
    return edited === item ? value : (value as unknown[]).with(index, edited);
  }
  if (!isObject(value)) return value;
  // The place may leave out what is between a message and its parts.
  const name = Object.hasOwn(value, key) ? key : 'content';
  if (!Object.hasOwn(value, name)) return value;
  const edited = replaceAt(value[name], name === key ? rest : [key, ...rest]);
  return edited === value[name] ? value : { ...value, [name]: edited };
}
