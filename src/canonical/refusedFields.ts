import { isObject } from './json.ts';
import type { ProviderFailure } from './providerError.ts';
import type { JsonObject } from './request.ts';

// Fields that a provider refuses by name, and where they are in the body that was sent.

/** The place of a field: keys from the body down, `*` for each item of a list. */
export type FieldPath = readonly string[];

/** What carries the conversation, or says what a part of it is: never left out, wherever it is. */
const essential = new Set([
  'model', 'messages', 'input', 'tools', 'system', 'instructions', 'stream', 'prompt', 'role', 'content', 'text', 'type',
  'id', 'name', 'function', 'arguments', 'parameters', 'input_schema', 'description', 'tool_calls', 'tool_call_id',
  'tool_use_id', 'call_id', 'output', 'source', 'data', 'media_type', 'url', 'image_url', 'file', 'file_data', 'file_id',
  'input_audio', 'signature', 'encrypted_content', 'summary', 'schema', 'json_schema', 'format', 'previous_response_id',
]); // prettier-ignore

/** Such words are essential within a message; at the top they are parameters. */
const essentialBelow = new Set(['thinking', 'reasoning', 'refusal', 'is_error']);

/** What is below these is the user's: a field there only happens to have the name. */
const userData = new Set(['parameters', 'input_schema', 'schema', 'arguments', 'metadata']);

/** The most fields that one refusal can remove. */
const mostFields = 10;

const place = String.raw`[\w$#/.[\]-]+`;
const quote = '["\'`“‘]?';

/** Each with the name in `name` and perhaps the place of what holds it in `holder`. */
const unknownFieldWords: readonly RegExp[] = [
  // Pydantic (Anthropic, Mistral, Fireworks): "tools.0.custom.defer_loading: Extra inputs are not permitted".
  new RegExp(`(?<name>${place}): extra inputs (?:are )?not permitted`, 'gi'),
  new RegExp(`extra inputs are not permitted, field: ${quote}(?<name>${place})`, 'gi'),
  // Python's own spelling of it: "'type': 'extra_forbidden', 'loc': ('body', 'context_management')".
  /extra_forbidden.{0,20}\bloc\W{1,5}(?<name>[\w', "]+)/gi,
  // Google: "Unknown name "strict" at 'tools[0].function'".
  new RegExp(`unknown name ${quote}(?<name>[\\w.]+)${quote}(?: at ${quote}(?<holder>${place}))?`, 'gi'),
  // OpenAI: "Unrecognized request argument supplied: x", "Unknown parameter: 'x'"; serde, Go: "unknown field `x`"; Zod: "Unrecognized key(s) in object: 'x'".
  new RegExp(
    `(?:unrecognized|unknown|unsupported|unexpected)(?: request| keyword| input)? (?:argument|parameter|param|field|key|property|option)s?(?:\\(s\\))?(?: in object| supplied)*\\s*:?\\s*(?<name>${quote}${place}(?:${quote}, ?${quote}${place})*)`,
    'gi',
  ),
  // Groq: "('messages.1' : property 'reasoning_content' is unsupported)".
  new RegExp(`(?:'(?<holder>${place})' ?: )?property '(?<name>${place})' is (?:unsupported|not supported)`, 'gi'),
  // xAI: "Argument not supported: x", "Argument not supported on this model: x".
  new RegExp(`arguments? not supported(?: on this model)?: ${quote}(?<name>${place})`, 'gi'),
  // xAI: "Model grok-4 does not support parameter presencePenalty."
  new RegExp(`does not support (?:the )?(?:parameter|argument|field|option)s? ${quote}(?<name>${place})`, 'gi'),
  // Bedrock: "#/tools/0: extraneous key [defer_loading] is not permitted".
  /(?:(?<holder>#[\w/]*): )?extraneous key \[(?<name>[\w.]+)\] is not permitted/gi,
  // JSON Schema: "Additional properties are not allowed ('x', 'y' were unexpected)".
  /additional properties are not allowed \((?<name>[^)]+?) (?:was|were) unexpected/gi,
  new RegExp(
    `(?:parameter|argument|field|property|option) ${quote}(?<name>${place})${quote} is (?:not (?:supported|allowed|permitted|recognized)|unsupported|unknown)`,
    'gi',
  ),
  new RegExp(
    `(?<!\\w)["'\`](?<name>${place})["'\`] is not (?:a )?(?:supported|permitted|recognized|valid)(?: parameter| field| argument)`,
    'gi',
  ),
];

/**
 * The places of the fields that the provider does not know, in `sent`; empty if it names none, or none that was sent and may
 * be left out.
 */
export function readUnknownFields({ message, code, param }: ProviderFailure, sent: JsonObject): FieldPath[] {
  const named = unknownFieldWords.flatMap((words) =>
    [...message.matchAll(words)].flatMap(({ groups = {} }) =>
      // The place in Python's spelling is a list of quoted words; elsewhere a comma separates fields.
      (groups['name']?.startsWith("'body'")
        ? [groups['name'].replaceAll(/\W+/g, '.')]
        : (groups['name'] ?? '').split(/\s*,\s*|\s+and\s+/)
      ).map((name) => [groups['holder'], name].filter(Boolean).join('.')),
    ),
  );
  const coded = param && /^un(known|supported|recognized)_(parameter|argument|field)/.test(code ?? '') ? [param] : [];
  const paths = [...coded, ...named].flatMap((name) => locate(name, sent));
  const unique = new Map(paths.map((path) => [path.join('.'), path]));
  return [...unique.values()].slice(0, mostFields);
}

/** The place that a provider names, whatever is there; undefined if there is nothing. */
export function pathTo(name: string, sent: JsonObject): FieldPath | undefined {
  const keys = keysOf(name);
  return keys.length === 0 || keys.length > 12 ? undefined : walk(keys, sent);
}

/** The places of `name` in `sent`: exactly where the provider says, else wherever a field is called so. */
export function locate(name: string, sent: JsonObject): FieldPath[] {
  const keys = keysOf(name);
  const leaf = keys.at(-1);
  if (leaf === undefined || keys.length > 12) return [];
  const found = [keys, keys.map(snakeCase)].map((each) => walk(each, sent)).find((path) => path !== undefined);
  const paths = found ? [found] : keys.length === 1 ? search(leaf, sent) : [];
  return paths.filter(mayLeaveOut);
}

/** `tools[0].custom.strict`, `#/tools/0/strict`, `body.tools.0.strict`. */
function keysOf(name: string): string[] {
  const keys = name
    .replaceAll(/["'`“”‘’]/g, '')
    .replaceAll(/\[(\w+)\]/g, '.$1')
    .split(/[./]/)
    .filter((key) => key !== '' && key !== '#');
  return keys[0] === 'body' ? keys.slice(1) : keys;
}

function snakeCase(key: string): string {
  return key.replaceAll(/[a-z][A-Z]/g, ([before = '', after = '']) => `${before}_${after.toLowerCase()}`);
}

/** Pydantic names the members of unions as if they were keys (`tools.0.custom.strict`): those are skipped. */
function walk(keys: readonly string[], sent: unknown): FieldPath | undefined {
  const path: string[] = [];
  let value = sent;
  for (const [index, key] of keys.entries()) {
    const isLast = index === keys.length - 1;
    if (Array.isArray(value) && /^\d+$/.test(key)) {
      value = value[Number(key)];
      path.push('*');
    } else if (isObject(value) && Object.hasOwn(value, key)) {
      value = value[key];
      path.push(key);
    } else if (isLast || !isObject(value)) {
      return undefined;
    }
  }
  return path.at(-1) === '*' ? undefined : path;
}

function search(leaf: string, sent: JsonObject): FieldPath[] {
  const names = [leaf, snakeCase(leaf)];
  const found: FieldPath[] = [];
  const look = (value: unknown, path: readonly string[]): void => {
    if (path.length > 8 || found.length >= mostFields) return;
    if (Array.isArray(value)) {
      for (const item of value) look(item, [...path, '*']);
    } else if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) {
        const here = [...path, key];
        if (names.includes(key) && !found.some((each) => each.join('.') === here.join('.'))) found.push(here);
        if (!userData.has(key)) look(inner, here);
      }
    }
  };
  look(sent, []);
  return found;
}

function mayLeaveOut(path: FieldPath): boolean {
  const leaf = path.at(-1) ?? '';
  if (essential.has(leaf) || path.slice(0, -1).some((key) => userData.has(key))) return false;
  // What a tool was called with, and what it answered, may have any field.
  if (path.slice(1, -1).includes('input') && path[0] === 'messages') return false;
  return path.length === 1 || !essentialBelow.has(leaf) || path[0] !== 'messages';
}

/** A copy of `body` without the field at `path`; the same body if it is not there. */
export function withoutField(body: JsonObject, path: FieldPath): JsonObject {
  return removed(body, path) as JsonObject;
}

function removed(value: unknown, [key, ...rest]: FieldPath): unknown {
  if (key === undefined) return value;
  if (key === '*') {
    if (!Array.isArray(value)) return value;
    const items = value.map((item: unknown) => removed(item, rest));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isObject(value) || !Object.hasOwn(value, key)) return value;
  const { [key]: inner, ...others } = value;
  if (rest.length === 0) return others;
  const edited = removed(inner, rest);
  if (edited === inner) return value;
  // An object that held nothing else says nothing.
  return isObject(edited) && Object.keys(edited).length === 0 ? others : { ...value, [key]: edited };
}

/** For users: `tools.*.strict` is `tools[].strict`. */
export function describePath(path: FieldPath): string {
  return path.join('.').replaceAll('.*', '[]');
}
