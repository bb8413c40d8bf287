import { isObject } from '../canonical/json.ts';
import type { DialectId, JsonObject } from '../canonical/request.ts';
import { editFunctions, editList } from './bodyEdits.ts';
import { fitAnswerSchema, fitSchema, type SchemaProfile } from './toolSchemas.ts';

// The places of JSON Schemas in the bodies of the three wires: declarations of tools, and the format of an answer.

/** Receives the name of each tool whose description now says what its schema can't. */
export type Reduced = (tool: string) => void;

/** Fits the schemas of all tools that a body declares to `profile`. Returns the same body when nothing has to change. */
export function fitDeclarations(
  body: JsonObject,
  dialect: DialectId,
  profile: SchemaProfile,
  reduced: Reduced,
): JsonObject {
  const fit = (holder: JsonObject, key: string): JsonObject => {
    const fitted = fitHolder(holder, key, profile, reduced);
    const isStrict = dialect === 'anthropic-messages' || fitted['strict'] !== true || mayBeStrict(fitted[key]);
    return isStrict ? fitted : loosened(fitted);
  };
  switch (dialect) {
    case 'openai-chat': {
      const edited = editList(body, 'functions', (holder) => fit(holder, 'parameters'));
      return withoutTwins(editFunctions((declared) => fit(declared, 'parameters'))(edited), ({ function: declared }) =>
        isObject(declared) ? declared['name'] : undefined,
      );
    }
    case 'openai-responses': {
      const fitTool = (tool: JsonObject): JsonObject => {
        if (tool['type'] === 'function') return fit(tool, 'parameters');
        // Tools in a namespace, and in the conversation (`additional_tools`, `tool_search_output`).
        return Array.isArray(tool['tools']) ? editList(tool, 'tools', fitTool) : tool;
      };
      const edited = withoutTwins(editList(body, 'tools', fitTool), ({ name }) => name);
      return editList(edited, 'input', (item) => (Array.isArray(item['tools']) ? fitTool(item) : item));
    }
    case 'anthropic-messages': {
      const fitTool = (tool: JsonObject): JsonObject => {
        const isOwn = tool['type'] === undefined || tool['type'] === null || tool['type'] === 'custom';
        return isOwn || 'input_schema' in tool ? fit(tool, 'input_schema') : tool;
      };
      return withoutTwins(editList(body, 'tools', fitTool), ({ name }) => name);
    }
    default:
      return dialect satisfies never;
  }
}

/** "Tool names must be unique": of tools with one name the first stays. */
function withoutTwins(body: JsonObject, nameOf: (tool: JsonObject) => unknown): JsonObject {
  const tools: unknown = body['tools'];
  if (!Array.isArray(tools)) return body;
  const names = (tools as unknown[]).map((tool) => (isObject(tool) ? nameOf(tool) : undefined));
  const places = new Map(names.map((name, place) => [name, place] as const).toReversed());
  const kept = (tools as unknown[]).filter(
    (_, place) => typeof names[place] !== 'string' || places.get(names[place]) === place,
  );
  return kept.length === tools.length ? body : { ...body, tools: kept };
}

function fitHolder(holder: JsonObject, key: string, profile: SchemaProfile, reduced: Reduced): JsonObject {
  const { schema, lost } = fitSchema(holder[key], profile);
  if (schema === holder[key]) return holder;
  if (lost.length === 0) return { ...holder, [key]: schema };
  reduced(String(holder['name']));
  return loosened({ ...holder, [key]: schema, description: described(holder['description'], lost) });
}

/**
 * Whether a schema is one for OpenAI's strict mode: every property required, and no others allowed, everywhere. Anthropic's
 * allows optional ones, so tools that are strict there are refused here.
 */
function mayBeStrict(schema: unknown, depth = 0): boolean {
  if (!isObject(schema) || depth > deepest) return true;
  const { properties, required, additionalProperties, items, anyOf, $defs } = schema;
  if (schema['type'] === 'object' || isObject(properties)) {
    const names = Object.keys(isObject(properties) ? properties : {});
    if (additionalProperties !== false || !names.every((name) => Array.isArray(required) && required.includes(name)))
      return false;
  }
  const inner = [
    items,
    ...[properties, $defs, anyOf].flatMap((each) => (each instanceof Object ? Object.values(each) : [])),
  ];
  return inner.every((each) => mayBeStrict(each, depth + 1));
}

const deepest = 60;

/** Strict mode requires every property, and those of a merged union are optional. */
function loosened(holder: JsonObject): JsonObject {
  return holder['strict'] === true ? { ...holder, strict: false } : holder;
}

function described(description: unknown, lost: readonly string[]): string {
  return [...(typeof description === 'string' && description !== '' ? [description] : []), ...lost].join('\n\n');
}

/** Fits the schema that the answer must have, where there is one. */
export function fitAnswerFormat(body: JsonObject, dialect: DialectId, profile: SchemaProfile): JsonObject {
  switch (dialect) {
    case 'openai-chat':
      return editObject(body, 'response_format', (format) =>
        editObject(format, 'json_schema', (holder) => fitAnswer(holder, profile)),
      );
    case 'openai-responses':
      return editObject(body, 'text', (text) => editObject(text, 'format', (format) => fitAnswer(format, profile)));
    case 'anthropic-messages':
      return editObject(body, 'output_config', (config) =>
        editObject(config, 'format', (format) => fitAnswer(format, profile)),
      );
    default:
      return dialect satisfies never;
  }
}

/** The words go into the schema: not every wire has a description beside it. */
function fitAnswer(holder: JsonObject, profile: SchemaProfile): JsonObject {
  const given = holder['schema'];
  if (!isObject(given)) return holder;
  const { schema, lost } = fitAnswerSchema(given, profile);
  if (schema === given) return holder;
  if (lost.length === 0) return { ...holder, schema };
  return loosened({ ...holder, schema: { ...schema, description: described(schema['description'], lost) } });
}

function editObject(holder: JsonObject, key: string, edit: (value: JsonObject) => JsonObject): JsonObject {
  const value = holder[key];
  if (!isObject(value)) return holder;
  const edited = edit(value);
  return edited === value ? holder : { ...holder, [key]: edited };
}
