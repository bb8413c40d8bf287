import { fieldsWhere, isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

// Tools as a client of one dialect declares them on another: it has one form for all of its providers (codex-proxy#507,
// archestra#7375, dario#190).

/** `fields` are those of the Responses API: `name`, `description`, `parameters`, `strict`, `format`. */
export type Declaration = { kind: 'function' | 'custom'; fields: JsonObject };

/** Undefined for a tool that the provider runs, and for what is no declaration at all. */
export function readDeclaration(tool: JsonObject): Declaration | undefined {
  const { type, function: declared, custom, name } = tool;
  if (type === 'function') return { kind: 'function', fields: fieldsOf(isObject(declared) ? declared : tool) };
  if (type === 'custom' && !('input_schema' in tool))
    return { kind: 'custom', fields: fieldsOf(isObject(custom) ? custom : tool) };
  if (type === 'custom' || (type === undefined && typeof name === 'string'))
    return { kind: 'function', fields: fieldsOf(tool) };
  return undefined;
}

const names = ['name', 'description', 'parameters', 'strict', 'format'];

function fieldsOf(declared: JsonObject): JsonObject {
  const given = 'parameters' in declared ? declared : { ...declared, parameters: declared['input_schema'] };
  return fieldsWhere(given, (name, value) => names.includes(name) && value !== undefined);
}

/** Edits each object of a list. Returns the same value when there is nothing to change. */
export function editObjects(list: unknown, edit: (item: JsonObject) => JsonObject): unknown {
  if (!Array.isArray(list)) return list;
  let edited: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item: unknown = list[index];
    const fitted = isObject(item) ? edit(item) : item;
    if (fitted === item) continue;
    edited ??= [...(list as unknown[])];
    edited[index] = fitted;
  }
  return edited ?? list;
}

/** The same for each item that becomes several. */
export function expandObjects(list: unknown, expand: (item: JsonObject) => readonly JsonObject[] | undefined): unknown {
  if (!Array.isArray(list)) return list;
  let edited: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item: unknown = list[index];
    const items = isObject(item) ? expand(item) : undefined;
    if (items) (edited ??= list.slice(0, index)).push(...items);
    else edited?.push(item);
  }
  return edited ?? list;
}

/** A field under the name that another dialect has for it. Its own name wins. */
export function moveField(body: JsonObject, from: readonly string[], to: string): JsonObject {
  const given = from.filter((name) => name in body);
  if (given.length === 0) return body;
  const value = body[to] ?? given.map((name) => body[name]).find((each) => each !== null && each !== undefined);
  const rest = fieldsWhere(body, (name) => !given.includes(name) && name !== to);
  return value === undefined ? rest : { ...rest, [to]: value };
}
